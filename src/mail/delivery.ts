import type { ClaimedMailRow } from "../db/mail-outbox.ts";
import { claimDueMail, markMailCaught, markMailDead, markMailFailed, markMailSent } from "../db/mail-outbox.ts";
import { runAfterAnswer } from "../lib/background.ts";
import { now as clockNow } from "../lib/clock.ts";
import { config } from "../lib/config.ts";
import { log } from "../lib/log.ts";
import type { MailProvider, SendResult } from "./provider.ts";
import { localMailbox } from "./provider.ts";

/** Longer than one mail takes, of which the provider may use ten seconds; a mail of a run that died is due again then. */
const LEASE_MS = 60_000;
/** The sweep ends before the next one begins; the platform would let it run for a quarter of an hour. */
const SWEEP_MS = 4 * 60_000;
/** The platform lets work go on for thirty seconds after an answer; the last mail must still fit in. */
const SOON_MS = 15_000;
const MAX_ATTEMPTS = 8;
const FIRST_RETRY_MS = 60_000;
const DELIVER_SOON_LIMIT = 10;

// Sent even to an address that complained: whoever asks for these cannot get into their account without them.
const SECURITY_KINDS: ReadonlySet<string> = new Set([
  "verification",
  "password_reset",
  "password_changed",
  "recovery_asked",
  "recovery_approved",
  "recovery_link",
  "recovery_finished",
]);

/** Delivers after the answer; the sweep repeats what fails. Call it after the batch that holds the enqueued mail. */
export function deliverMailSoon(env: Env, now: number): void {
  runAfterAnswer(deliverMail(env, now, { limit: DELIVER_SOON_LIMIT, runMs: SOON_MS }), "mail.deliver");
}

export interface DeliveryReport {
  delivered: number;
  failed: number;
  dead: number;
}

/**
 * Sends what is due. Safe to run twice at once and to be cut off anywhere: each mail is claimed with a lease, and the
 * provider recognises a repeated mail by its outbox id.
 * @param now epoch milliseconds
 * @param options at most `limit` mails, none of them begun later than `runMs` milliseconds after the first
 */
export async function deliverMail(
  env: Env,
  now: number,
  options: { limit: number; runMs?: number; provider?: MailProvider },
): Promise<DeliveryReport> {
  const provider = options.provider ?? (await mailProvider(env));
  const report: DeliveryReport = { delivered: 0, failed: 0, dead: 0 };
  const startedAt = clockNow();
  for (let tries = 0; tries < options.limit; tries++) {
    const elapsedMs = clockNow() - startedAt;
    if (elapsedMs > (options.runMs ?? SWEEP_MS)) break;
    // What failed in this run is due later than `now`, so that no mail comes twice in a run.
    const mail = await claimDueMail(env.DB, now, now + elapsedMs + LEASE_MS);
    if (mail === null) break;
    const result = await sendOne(env, provider, mail);
    await recordResult(env.DB, mail, result, now + elapsedMs, report).run();
  }
  if (report.failed + report.dead > 0) {
    log.warn("mail.undelivered", { count: report.failed + report.dead });
  }
  return report;
}

/**
 * Development never mails anybody, whatever keys lie around; everywhere else a missing key has stopped the start
 * (src/lib/config.ts), so that mail is never swallowed.
 */
async function mailProvider(env: Env): Promise<MailProvider> {
  const { ENVIRONMENT, RESEND_API_KEY, RESEND_BASE_URL } = config(env);
  if (ENVIRONMENT === "development") return localMailbox;
  // Evaluated on first use: the script is also loaded by every object that wakes, and none of them mails.
  const { resendProvider } = await import("./resend.ts");
  return resendProvider(RESEND_API_KEY, RESEND_BASE_URL);
}

async function sendOne(env: Env, provider: MailProvider, mail: ClaimedMailRow): Promise<SendResult> {
  if (isSuppressed(mail)) return { kind: "failed", error: `suppressed: ${mail.suppression}`, retryable: false };
  if (mail.attempts > MAX_ATTEMPTS) return { kind: "failed", error: "no answer within eight tries", retryable: false };
  if (mail.html === null || mail.text === null) return { kind: "failed", error: "body is gone", retryable: false };
  return provider.send({
    id: mail.id,
    from: config(env).MAIL_FROM,
    to: mail.recipient_email,
    subject: mail.subject,
    html: mail.html,
    text: mail.text,
  });
}

// A bounced address takes no mail at all; a person who complained still gets the mails that protect their account.
function isSuppressed(mail: ClaimedMailRow): boolean {
  if (mail.suppression === null) return false;
  return mail.suppression === "hard_bounce" || !SECURITY_KINDS.has(mail.kind);
}

function recordResult(
  db: D1Database,
  mail: ClaimedMailRow,
  result: SendResult,
  now: number,
  report: DeliveryReport,
): D1PreparedStatement {
  switch (result.kind) {
    case "sent":
      report.delivered += 1;
      return markMailSent(db, mail.id, result.providerId, now);
    case "caught":
      report.delivered += 1;
      return markMailCaught(db, mail.id, now);
    case "failed": {
      if (!result.retryable || mail.attempts >= MAX_ATTEMPTS) {
        report.dead += 1;
        return markMailDead(db, mail.id, result.error);
      }
      report.failed += 1;
      return markMailFailed(db, mail.id, result.error, now + retryDelayMs(mail.attempts, Math.random()));
    }
  }
}

/** 1, 2, 4, … minutes after the first, second, third failure, each stretched by up to a half so that tries spread. */
export function retryDelayMs(attempts: number, jitter: number): number {
  return Math.round(FIRST_RETRY_MS * 2 ** (attempts - 1) * (1 + jitter / 2));
}
