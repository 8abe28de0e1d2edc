import * as z from "zod";

const mailSchema = z.object({
  kind: z.string(),
  to: z.string(),
  subject: z.string(),
  links: z.array(z.string()),
  createdAt: z.number(),
});
const mailboxSchema = z.object({ mails: z.array(mailSchema) });

export type CaughtMail = z.infer<typeof mailSchema>;

const ARRIVES_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 50;

/**
 * The newest mail of `kind` to `address` in the local mailbox, as soon as it is there.
 * @throws Error when it does not come within ten seconds
 */
export async function waitForMail(origin: string, address: string, kind: string): Promise<CaughtMail> {
  const deadline = Date.now() + ARRIVES_WITHIN_MS;
  for (;;) {
    const mail = (await mailsTo(origin, address)).find((candidate) => candidate.kind === kind);
    if (mail !== undefined) return mail;
    if (Date.now() > deadline) throw new Error(`No mail of kind ${kind} came to ${address}`);
    await new Promise((resume) => setTimeout(resume, LOOK_EVERY_MS));
  }
}

/** What came to `address`, the newest first. */
export async function mailsTo(origin: string, address: string): Promise<CaughtMail[]> {
  const response = await fetch(`${origin}/dev/mailbox.json?to=${encodeURIComponent(address)}`);
  if (!response.ok) throw new Error(`The mailbox answered ${response.status}`);
  return mailboxSchema.parse(await response.json()).mails;
}

/** Opens the confirmation link in the newest mail to `address`, as a person with a browser does. */
export async function confirmAddress(origin: string, address: string): Promise<void> {
  const { links } = await waitForMail(origin, address, "verification");
  const link = links.find((candidate) => candidate.includes("/api/auth/verify-email"));
  if (link === undefined) throw new Error("The confirmation mail has no link");
  // A redirect to a page says how it went; the page itself does not matter here.
  const response = await fetch(link, { redirect: "manual" });
  const target = response.headers.get("location") ?? "";
  if (response.status !== 303 || !target.includes("verified=1")) {
    throw new Error(`The confirmation link answered ${response.status} ${target}`);
  }
}
