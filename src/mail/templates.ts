import type { MailContent } from "./layout.ts";
import { displayName, renderMail } from "./layout.ts";

/**
 * All mails of accounts and pairing. Rules for every one of them: no words that a partner wrote, and a subject that
 * may be read aloud on somebody else's lock screen, so it names neither person nor matter of the heart.
 */

/** To a new address: the link proves that its owner asked. `link` works for 24 hours. */
export function verificationMail(input: { name: string; link: string }): MailContent {
  return renderMail({
    kind: "verification",
    subject: "Confirm your e-mail address",
    paragraphs: [
      `Hello ${displayName(input.name)},`,
      "please confirm that this address is yours, and your account is ready.",
    ],
    button: { label: "Confirm address", link: input.link },
    notes: [
      "The link works for 24 hours.",
      "You did not sign up? Then do not open the link: without it, nobody can use this address.",
    ],
  });
}

/** To the owner of an address with which somebody tried to sign up again; only the owner learns that it is known. */
export function alreadyRegisteredMail(input: { name: string; resetLink: string }): MailContent {
  return renderMail({
    kind: "already_registered",
    subject: "About your account",
    paragraphs: [
      `Hello ${displayName(input.name)},`,
      "somebody, probably you, tried to open an account with this address. You already have one: please sign in as usual.",
    ],
    button: { label: "Ask for a new password", link: input.resetLink },
    notes: ["If this was not you, there is nothing to do. Nobody was told that the account exists."],
  });
}

/** `link` works once, for one hour. */
export function passwordResetMail(input: { name: string; link: string }): MailContent {
  return renderMail({
    kind: "password_reset",
    subject: "Choose a new password",
    paragraphs: [
      `Hello ${displayName(input.name)},`,
      "here is the link with which you can choose a new password. Using it signs you out on all devices.",
    ],
    button: { label: "Choose a new password", link: input.link },
    notes: ["The link works once, within one hour.", "You did not ask for it? Then do nothing; your password stays."],
  });
}

/** After a password was changed by a reset link, so that its owner can react if it was not them. */
export function passwordChangedMail(input: { name: string; resetLink: string }): MailContent {
  return renderMail({
    kind: "password_changed",
    subject: "Your password was changed",
    paragraphs: [
      `Hello ${displayName(input.name)},`,
      "your password was changed just now, and all devices were signed out.",
      "If this was not you, choose a new password at once and look after your mailbox as well.",
    ],
    button: { label: "Ask for a new password", link: input.resetLink },
  });
}

/**
 * To the address that an inviter typed. `code` is the six-digit form of the same invitation, when one is open.
 * @param input.expiresInDays how long the link works
 */
export function partnerInvitationMail(input: {
  inviterName: string;
  link: string;
  code?: string;
  expiresInDays: number;
}): MailContent {
  const notes = [
    `The link works once, for ${input.expiresInDays} days.`,
    "You do not know this person? Then ignore this mail. Nothing happens unless you accept.",
  ];
  return renderMail({
    kind: "partner_invitation",
    subject: "You have an invitation",
    paragraphs: [
      `${displayName(input.inviterName)} invites you to Better Together, a private space for two.`,
      ...(input.code === undefined ? [] : ["In the app you can also type this code, within 15 minutes:"]),
    ],
    ...(input.code === undefined ? {} : { code: input.code }),
    button: { label: "See the invitation", link: input.link },
    notes,
  });
}

/** To the inviter: somebody typed the code, and only the inviter can say whether it is the right person. */
export function confirmPartnerMail(input: {
  inviterName: string;
  accepterName: string;
  link: string;
  by: "code" | "link";
}): MailContent {
  return renderMail({
    kind: "confirm_partner",
    subject: "A request waits for your answer",
    paragraphs: [
      `Hello ${displayName(input.inviterName)},`,
      `${displayName(input.accepterName)} ${input.by === "code" ? "typed your code" : "opened your link"}. Please confirm that this is the person you meant; until then nothing is shared.`,
    ],
    button: { label: "Look at the request", link: input.link },
    notes: ["Not the person you meant? Decline the request, and the code is worth nothing."],
  });
}

/** To each of the two, once both are in. */
export function pairingDoneMail(input: { name: string; partnerName: string; link: string }): MailContent {
  return renderMail({
    kind: "pairing_done",
    subject: "You are connected",
    paragraphs: [
      `Hello ${displayName(input.name)},`,
      `you and ${displayName(input.partnerName)} now share a space. Each of you can leave it at any time, alone and at once.`,
    ],
    button: { label: "Open Better Together", link: input.link },
  });
}

/**
 * To whoever was left. The least that must be said: that it is so, and until when. No name, no reason, no words of
 * anybody. `endsAt` is in epoch milliseconds.
 */
export function partedMail(input: { link: string; endsAt: number }): MailContent {
  const day = new Date(input.endsAt).toISOString().slice(0, 10);
  return renderMail({
    kind: "parted",
    subject: "About your account",
    paragraphs: [
      "Hello,",
      `your shared space is closed for new entries. You can read it and take your data with you until ${day}; after that, your part of it is yours alone.`,
    ],
    button: { label: "Open Better Together", link: input.link },
    notes: ["There is nothing that you have to do."],
  });
}

/** Something waits in the inbox of a person who asked to hear of it by mail. What it is stays in the app. */
export function notificationMail(input: { name: string; link: string }): MailContent {
  return renderMail({
    kind: "notification",
    subject: "You have a reminder",
    paragraphs: [
      `Hello ${displayName(input.name)},`,
      "something is waiting for you. You will find it when you sign in.",
    ],
    button: { label: "Open Better Together", link: input.link },
    notes: ["You switched these mails on. In your settings you can switch each kind of them off again."],
  });
}
