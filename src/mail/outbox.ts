import type { NewMailRow } from "../db/mail-outbox.ts";
import { insertInvitationMailStatement, insertMailStatement } from "../db/mail-outbox.ts";
import { newId } from "../protocol/ids.ts";
import type { MailContent } from "./layout.ts";

export interface NewMail {
  /** The event and its recipient: the same cause mails the same person once, however often it is retried. */
  idempotencyKey: string;
  recipientUserId: string | null;
  recipientEmail: string;
  /** Who is named in a mail to somebody else: it goes with them when they are erased. */
  causedByUserId?: string;
  content: MailContent;
}

/** One statement that joins the batch of whatever causes the mail, so that both happen or neither. */
export function enqueueMail(db: D1Database, mail: NewMail, now: number): D1PreparedStatement {
  return insertMailStatement(db, toRow(mail, now), now);
}

/** As `enqueueMail`, for an invitation; whoever parted from its inviter is not written to. */
export function enqueueInvitationMail(
  db: D1Database,
  mail: NewMail,
  about: { inviterId: string; addressHmac: string },
  now: number,
): D1PreparedStatement {
  return insertInvitationMailStatement(db, toRow(mail, now), about, now);
}

function toRow(mail: NewMail, now: number): NewMailRow {
  return {
    id: newId("mail", now),
    idempotency_key: mail.idempotencyKey,
    kind: mail.content.kind,
    recipient_user_id: mail.recipientUserId,
    recipient_email: mail.recipientEmail.toLowerCase(),
    caused_by_user_id: mail.causedByUserId ?? null,
    subject: mail.content.subject,
    html: mail.content.html,
    text: mail.content.text,
  };
}
