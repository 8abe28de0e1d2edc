import { env } from "cloudflare:workers";
import { beforeEach, expect, it } from "vitest";
import { deliverMail } from "../../src/mail/delivery.ts";
import { enqueueMail } from "../../src/mail/outbox.ts";
import { partnerInvitationMail } from "../../src/mail/templates.ts";
import { newId } from "../../src/protocol/ids.ts";
import { call } from "../support/accounts-app.ts";

const LINK = "http://localhost:8787/join?t=abc&x=1";

let now = 1_800_000_000_000;
let to: string;
beforeEach(async () => {
  now += 1_000;
  to = `${crypto.randomUUID()}@people.test`;
  const content = partnerInvitationMail({ inviterName: "Ada", link: LINK, code: "123456", expiresInDays: 7 });
  const mail = { idempotencyKey: to, recipientUserId: null, recipientEmail: to, content };
  await enqueueMail(env.DB, mail, now).run();
  await deliverMail(env, now, { limit: 10 });
});

async function mails(path = `/dev/mailbox.json?to=${encodeURIComponent(to)}`) {
  return (await (await call(path)).json<{ mails: Record<string, unknown>[] }>()).mails;
}

it("gives scripts the mails to an address, with their links", async () => {
  expect(await mails()).toEqual([
    {
      id: expect.stringMatching(/^mail_/),
      kind: "partner_invitation",
      to,
      subject: "You have an invitation",
      text: expect.stringContaining("123456"),
      links: [LINK],
      status: "caught",
      createdAt: now,
    },
  ]);
});

it("lists mails newest first and shows each in a frame that can do nothing", async () => {
  const list = await call("/dev/mailbox");
  expect(list.headers.get("content-type")).toContain("text/html");
  const [mail] = await mails();
  expect((await list.text()).indexOf(String(mail?.["id"]))).toBeGreaterThan(0);
  expect((await mails("/dev/mailbox.json"))[0]?.["to"]).toBe(to);

  const page = await call(`/dev/mailbox/${String(mail?.["id"])}`);
  const html = await page.text();
  expect(html).toContain('<iframe sandbox="" title="HTML form" srcdoc="&lt;!doctype html&gt;');
  expect(html).toContain("t=abc&amp;x=1");
  expect(html).not.toContain("<script");
  expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
});

it("lists the mails to one address, in its own look without a script, and leads to the other pages", async () => {
  const path = `/dev/mailbox?to=${encodeURIComponent(to.toUpperCase())}`;
  const answer = await call(path);
  const html = await answer.text();
  expect(html.match(/class="subject"/g)).toHaveLength(1);
  expect(html).toContain(`value="${to}"`);
  for (const href of ["/", "/reference/", "/dev/mailbox"]) expect(html).toContain(`href="${href}"`);
  expect(html).not.toContain("<script");
  expect(answer.headers.get("content-security-policy")).toMatch(/default-src 'none'.*form-action 'self'/);
  expect(await (await call("/dev/mailbox?to=nobody@people.test")).text()).toContain(
    "No mail to nobody@people.test yet",
  );
  expect((await call("/dev/mailbox?to=%3Cscript%3E")).status).toBe(400);
});

it("does not know a mail that never was", async () => {
  for (const id of [newId("mail", now), "x", "mail_%27"]) expect((await call(`/dev/mailbox/${id}`)).status).toBe(404);
  expect((await call("/dev/mailbox.json?to=nobody")).status).toBe(400);
});

it.each(["staging", "production"])("does not exist in %s", async (ENVIRONMENT) => {
  const elsewhere = {
    ...env,
    ENVIRONMENT,
    AUTH_SECRET: "0f8c2b7a9d4e4c1f8b6a7d3e2c1b0a99",
    CODE_PEPPER: "9a0b1c2d3e7d4a6b8f1c4e9d7a2b8c0f",
    RESEND_API_KEY: "re_0123456789abcdef",
    STRIPE_SECRET_KEY: "sk_live_0123456789",
    STRIPE_WEBHOOK_SECRET: "whsec_0123456789",
  } as Env;
  for (const path of ["/dev/mailbox", "/dev/mailbox.json", "/dev/mailbox/x"]) {
    expect((await call(path, { env: elsewhere })).status).toBe(404);
  }
});
