export interface OutgoingMail {
  /** Outbox id; the provider uses it to send a repeated mail once. */
  id: string;
  from: string;
  to: string;
  subject: string;
  html: string;
  text: string;
}

/** `retryable: false` means that the same mail will be refused again. */
export type SendResult =
  | { kind: "sent"; providerId: string }
  | { kind: "caught" }
  | { kind: "failed"; error: string; retryable: boolean };

export interface MailProvider {
  send(mail: OutgoingMail): Promise<SendResult>;
}

/** Keeps mail where it is, to be read at /dev/mailbox. */
export const localMailbox: MailProvider = {
  send: () => Promise.resolve({ kind: "caught" }),
};
