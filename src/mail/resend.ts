import { Resend } from "resend";
import { errorText } from "../lib/log.ts";
import type { MailProvider, OutgoingMail, SendResult } from "./provider.ts";

// What a second try cannot mend: the key, the sender's domain, the address or the message itself.
const FINAL_ERRORS: ReadonlySet<string> = new Set([
  "invalid_from_address",
  "invalid_access",
  "invalid_parameter",
  "missing_required_field",
  "validation_error",
  "invalid_idempotent_request",
  "invalid_idempotency_key",
]);

// One silent provider must not use up the time in which the other mails of a run are sent.
const SEND_TIMEOUT_MS = 10_000;

/** The Resend API. `baseUrl` is empty for the real one. */
export function resendProvider(apiKey: string, baseUrl: string): MailProvider {
  const client = new Resend(apiKey, baseUrl === "" ? {} : { baseUrl });
  return {
    async send(mail: OutgoingMail): Promise<SendResult> {
      try {
        const { id, ...message } = mail;
        const { data, error } = await client.emails.send(message, {
          idempotencyKey: id,
          signal: AbortSignal.timeout(SEND_TIMEOUT_MS),
        });
        if (error === null) return { kind: "sent", providerId: data.id };
        // The message may repeat the address; the name of the error says enough.
        return { kind: "failed", error: error.name, retryable: !FINAL_ERRORS.has(error.name) };
      } catch (error) {
        return { kind: "failed", error: errorText(error), retryable: true };
      }
    },
  };
}
