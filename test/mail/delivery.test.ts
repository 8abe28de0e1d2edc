import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { findMail, listMails } from "../../src/db/mail-outbox.ts";
import type { MailRow } from "../../src/db/mail-outbox.ts";
import { deliverMail, retryDelayMs } from "../../src/mail/delivery.ts";
import { enqueueMail } from "../../src/mail/outbox.ts";
import { pairingDoneMail, passwordResetMail } from "../../src/mail/templates.ts";
import { ResendDouble } from "../support/resend-double.ts";

const API_KEY = "re_0123456789abcdef";
const BASE_URL = "https://mail.provider.test";
const LINK = "https://app.together.test/x?token=abc";

const staging = {
  ...env,
  ENVIRONMENT: "staging",
  AUTH_SECRET: "0f8c2b7a9d4e4c1f8b6a7d3e2c1b0a99",
  CODE_PEPPER: "9a0b1c2d3e7d4a6b8f1c4e9d7a2b8c0f",
  RESEND_API_KEY: API_KEY,
  RESEND_BASE_URL: BASE_URL,
  STRIPE_SECRET_KEY: "sk_live_0123456789",
  STRIPE_WEBHOOK_SECRET: "whsec_0123456789",
} as Env;

let resend: ResendDouble;
let now: number;

beforeEach(async () => {
  // Runs are bounded by the time that passes; here it passes only when a test says so.
  vi.useFakeTimers({ toFake: ["Date"], now: 1_800_000_000_000 });
  resend = new ResendDouble(API_KEY, BASE_URL).install();
  await env.DB.prepare("DELETE FROM mail_outbox").run();
  now = 1_800_000_000_000;
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

async function enqueue(content = passwordResetMail({ name: "Ada", link: LINK }), key = crypto.randomUUID()) {
  const mail = { idempotencyKey: key, recipientUserId: null, recipientEmail: "Ada@People.test", content };
  await enqueueMail(env.DB, mail, now).run();
  const row = await env.DB.prepare("SELECT id FROM mail_outbox WHERE idempotency_key = ?").bind(key).first("id");
  return String(row);
}

async function row(id: string): Promise<MailRow> {
  const found = await findMail(env.DB, id);
  if (found === null) throw new Error("no such mail");
  return found;
}

it("sends a mail once and forgets its body", async () => {
  const id = await enqueue();
  expect(await deliverMail(staging, now, { limit: 10 })).toEqual({ delivered: 1, failed: 0, dead: 0 });
  expect(resend.accepted).toHaveLength(1);
  expect(resend.accepted[0]).toMatchObject({ to: "ada@people.test", subject: "Choose a new password" });
  expect(resend.accepted[0]?.text).toContain(LINK);
  const sent = await row(id);
  expect(sent).toMatchObject({
    status: "sent",
    html: null,
    text: null,
    provider_id: resend.accepted[0]?.id,
    sent_at: now,
  });
  expect(await deliverMail(staging, now + 3_600_000, { limit: 10 })).toEqual({ delivered: 0, failed: 0, dead: 0 });
});

it("keeps one mail per cause, however often the cause is retried", async () => {
  await enqueue(undefined, "verification:1");
  await enqueue(undefined, "verification:1");
  await deliverMail(staging, now, { limit: 10 });
  expect(resend.accepted).toHaveLength(1);
});

it("mails once when the provider's answer is lost and the mail is tried again", async () => {
  const id = await enqueue();
  resend.plan("lose_answer");
  expect(await deliverMail(staging, now, { limit: 10 })).toMatchObject({ failed: 1 });
  expect((await row(id)).status).toBe("pending");
  await deliverMail(staging, now + 120_000, { limit: 10 });
  expect((await row(id)).status).toBe("sent");
  expect(resend.requests).toBe(2);
  expect(resend.accepted).toHaveLength(1);
});

it("tries again later, not at once, when the provider is down", async () => {
  const id = await enqueue();
  resend.plan("unreachable", "not_json", { status: 429, name: "rate_limit_exceeded" });
  await deliverMail(staging, now, { limit: 10 });
  const first = await row(id);
  expect(first).toMatchObject({ status: "pending", attempts: 1 });
  expect(first.due_at).toBeGreaterThanOrEqual(now + 60_000);
  expect(first.due_at).toBeLessThanOrEqual(now + 90_000);
  await deliverMail(staging, first.due_at - 1, { limit: 10 });
  expect(resend.requests).toBe(1);
  await deliverMail(staging, first.due_at, { limit: 10 });
  expect((await row(id)).attempts).toBe(2);
  await deliverMail(staging, now + 600_000, { limit: 10 });
  expect(await row(id)).toMatchObject({ attempts: 3, last_error: "rate_limit_exceeded" });
  await deliverMail(staging, now + 3_600_000, { limit: 10 });
  expect((await row(id)).status).toBe("sent");
});

it("gives up after eight tries and drops the body", async () => {
  const id = await enqueue();
  let at = now;
  for (let attempt = 1; attempt <= 8; attempt++) {
    resend.plan("unreachable");
    await deliverMail(staging, at, { limit: 10 });
    at += 24 * 3_600_000;
  }
  expect(await row(id)).toMatchObject({ status: "dead", attempts: 8, html: null, text: null });
  await deliverMail(staging, at, { limit: 10 });
  expect(resend.requests).toBe(8);
});

it.each(["validation_error", "invalid_from_address"])(
  "does not repeat a mail that the provider refuses for good (%s)",
  async (name) => {
    const id = await enqueue();
    resend.plan({ status: 422, name });
    expect(await deliverMail(staging, now, { limit: 10 })).toMatchObject({ dead: 1 });
    expect(await row(id)).toMatchObject({ status: "dead", last_error: name });
  },
);

it("sends each mail once when two deliveries run at the same time", async () => {
  const ids = await Promise.all(Array.from({ length: 12 }, () => enqueue()));
  const reports = await Promise.all([1, 2, 3].map(() => deliverMail(staging, now, { limit: 10 })));
  await deliverMail(staging, now, { limit: 10 });
  expect(reports.reduce((sum, report) => sum + report.delivered, 0)).toBe(12);
  expect(resend.requests).toBe(ids.length);
});

it("takes over a mail whose sender died, after its claim has lapsed", async () => {
  const id = await enqueue();
  const dying = { send: () => Promise.reject(new Error("isolate evicted")) };
  await expect(async () => {
    await deliverMail(staging, now, { limit: 10, provider: dying });
  }).rejects.toThrow("evicted");
  expect((await row(id)).status).toBe("sending");
  await deliverMail(staging, now + 59_999, { limit: 10 });
  expect(resend.requests).toBe(0);
  await deliverMail(staging, now + 60_000, { limit: 10 });
  expect((await row(id)).status).toBe("sent");
});

it("uses up no try of the other mails when a run dies on the first", async () => {
  const ids = [await enqueue(), await enqueue(), await enqueue()];
  const dying = { send: () => Promise.reject(new Error("isolate evicted")) };
  for (let run = 0; run < 9; run++) {
    await expect(async () => {
      await deliverMail(staging, now + run * 60_000, { limit: 10, provider: dying });
    }).rejects.toThrow("evicted");
  }
  expect(await Promise.all(ids.map(async (id) => (await row(id)).attempts))).toEqual([3, 3, 3]);
  expect(await deliverMail(staging, now + 600_000, { limit: 10 })).toEqual({ delivered: 3, failed: 0, dead: 0 });
});

it("begins no mail after its time is up, and leaves the rest as it was", async () => {
  const ids = [await enqueue(), await enqueue(), await enqueue()];
  const slow = {
    send: async () => {
      vi.setSystemTime(Date.now() + 10_000);
      return { kind: "sent" as const, providerId: "id" };
    },
  };
  expect(await deliverMail(staging, now, { limit: 10, runMs: 15_000, provider: slow })).toMatchObject({ delivered: 2 });
  const rows = await Promise.all(ids.map(row));
  expect(rows.filter(({ status }) => status === "pending")).toMatchObject([{ attempts: 0, due_at: now }]);
});

it("holds each mail for a minute from when it was taken up, however late in a run", async () => {
  await enqueue();
  await enqueue();
  let sent = 0;
  const slow = {
    send: async () => {
      sent += 1;
      vi.setSystemTime(Date.now() + 50_000);
      if (sent === 2) throw new Error("isolate evicted");
      return { kind: "sent" as const, providerId: "id" };
    },
  };
  await expect(async () => {
    await deliverMail(staging, now, { limit: 10, provider: slow });
  }).rejects.toThrow("evicted");
  const held = (await listMails(env.DB, 10)).filter(({ status }) => status === "sending");
  expect(held).toMatchObject([{ due_at: now + 110_000 }]);
});

it("writes to no address that bounced, and to one that complained only about the account", async () => {
  const suppress =
    "INSERT OR REPLACE INTO mail_suppressions (email, reason, created_at) VALUES ('ada@people.test', ?, 0)";
  await env.DB.prepare(suppress).bind("complaint").run();
  const security = await enqueue();
  const social = await enqueue(pairingDoneMail({ name: "Ada", partnerName: "Lin", link: LINK }));
  await deliverMail(staging, now, { limit: 10 });
  expect((await row(security)).status).toBe("sent");
  expect(await row(social)).toMatchObject({ status: "dead", last_error: "suppressed: complaint" });

  await env.DB.prepare(suppress).bind("hard_bounce").run();
  const bounced = await enqueue();
  await deliverMail(staging, now, { limit: 10 });
  expect((await row(bounced)).status).toBe("dead");
  await env.DB.prepare("DELETE FROM mail_suppressions").run();
});

it("keeps mail at home in development, whatever keys are set", async () => {
  const id = await enqueue();
  await deliverMail({ ...staging, ENVIRONMENT: "development" }, now, { limit: 10 });
  const caught = await row(id);
  expect(caught.status).toBe("caught");
  expect(caught.text).toContain(LINK);
  expect(resend.requests).toBe(0);
});

it("refuses to deliver outside development without a key", async () => {
  await enqueue();
  await expect(async () => {
    await deliverMail({ ...staging, RESEND_API_KEY: "" }, now, { limit: 10 });
  }).rejects.toThrow("RESEND_API_KEY");
});

it("doubles the wait with each failure", () => {
  expect([1, 2, 3, 7].map((attempts) => retryDelayMs(attempts, 0))).toEqual([60_000, 120_000, 240_000, 3_840_000]);
  expect(retryDelayMs(1, 1)).toBe(90_000);
});
