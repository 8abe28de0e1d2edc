import type { NewMailRow } from "../db/mail-outbox.ts";
import { insertInvitationMailStatement, insertMailStatement } from "../db/mail-outbox.ts";
import { newId } from "../protocol/ids.ts";
import type { MailContent } from "./layout.ts";

export interface NewMail {
  /** The event and its recipient: the same cause mails the same person once, however often it is retried. */
  idempotencyKey: string;
  recipientUserId: string | null;
  recipientEmail: string;
  content: MailContent;
}

/** One statement that joins the batch of whatever causes the mail, so that both happen or neither. */
export function enqueueMail(db: D1Database, mail: NewMail, now: number): D1PreparedStatement {
  return insertMailStatement(db, toRow(mail, now), now);
}

/** As `enqueueMail`, for an invitation by `inviterId`; whoever parted from them is not written to. */
export function enqueueInvitationMail(
  db: D1Database,
  mail: NewMail,
  inviterId: string,
  now: number,
): D1PreparedStatement {
  return insertInvitationMailStatement(db, toRow(mail, now), inviterId, now);
}

function toRow(mail: NewMail, now: number): NewMailRow {
  return {
    id: newId("mail", now),
    idempotency_key: mail.idempotencyKey,
    kind: mail.content.kind,
    recipient_user_id: mail.recipientUserId,
    recipient_email: mail.recipientEmail.toLowerCase(),
    subject: mail.content.subject,
    html: mail.content.html,
    text: mail.content.text,
  };
}
