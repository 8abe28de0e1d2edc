import { env } from "cloudflare:workers";
import { listMailsTo } from "../../src/db/mail-outbox.ts";
import type { MailRow } from "../../src/db/mail-outbox.ts";
import { mailLinks } from "../../src/mail/mailbox-page.ts";

/** Mails to an address, the newest first, whether they were delivered already or not. */
export async function mailsTo(email: string): Promise<MailRow[]> {
  return listMailsTo(env.DB, email.toLowerCase(), 50);
}

/** The first link of the newest mail of `kind`. */
export async function linkMailedTo(email: string, kind: string): Promise<URL> {
  const mail = (await mailsTo(email)).find((each) => each.kind === kind);
  const [link] = mail === undefined ? [] : mailLinks(mail);
  if (link === undefined) throw new Error(`no ${kind} mail with a link to this address`);
  return new URL(link);
}

/** The value of `token` in the newest mail of `kind`. */
export async function tokenMailedTo(email: string, kind: string): Promise<string> {
  return (await linkMailedTo(email, kind)).searchParams.get("token") ?? "";
}
