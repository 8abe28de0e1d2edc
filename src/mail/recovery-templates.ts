import type { MailContent } from "./layout.ts";
import { displayName, renderMail } from "./layout.ts";

/**
 * The mails of a recovery with the partner's help. Whoever owns the old address hears of each step and can stop it with
 * one tap; only the last mail goes to the new one. The rules of templates.ts hold here, too.
 */

/** To the old address, when somebody asks. `link` opens the page that stops it. */
export function recoveryAskedMail(input: { name: string; link: string }): MailContent {
  return renderMail({
    kind: "recovery_asked",
    subject: "Somebody asked to recover your account",
    paragraphs: [
      `Hello ${displayName(input.name)},`,
      "somebody asked to get back into your account from another address. Your partner has to agree, and then two days must pass.",
      "If this was not you, stop it now. Nothing else is needed.",
    ],
    button: { label: "Stop it", link: input.link },
    notes: ["You can also stop it in the app, on any device on which you are signed in."],
  });
}

/** To the old address, when the partner agreed. `readyAt` is epoch milliseconds. */
export function recoveryApprovedMail(input: { name: string; readyAt: number; link: string }): MailContent {
  return renderMail({
    kind: "recovery_approved",
    subject: "Your account changes hands in two days unless you stop it",
    paragraphs: [
      `Hello ${displayName(input.name)},`,
      `your partner agreed that your account be recovered at another address. That happens no sooner than ${utc(input.readyAt)}.`,
      "If this was not you, stop it now.",
    ],
    button: { label: "Stop it", link: input.link },
    notes: ["Signing in and choosing a new password stops it as well."],
  });
}

/** To the new address, after the waiting period. `link` works once, within a day. */
export function recoveryLinkMail(input: { link: string }): MailContent {
  return renderMail({
    kind: "recovery_link",
    subject: "Your way back into your account",
    paragraphs: [
      "Hello,",
      "the waiting period is over. With this link you choose a new password, and this address becomes the address of your account.",
    ],
    button: { label: "Choose a new password", link: input.link },
    notes: ["The link works once, within 24 hours.", "You did not ask for it? Then do not open it."],
  });
}

/** To the old address, when the account has got its new one. */
export function recoveryFinishedMail(input: { name: string; link: string }): MailContent {
  return renderMail({
    kind: "recovery_finished",
    subject: "The address of your account was changed",
    paragraphs: [
      `Hello ${displayName(input.name)},`,
      "your account was recovered at another address, its password was changed, and all devices were signed out.",
      "If this was not you, please answer to this mail at once.",
    ],
    button: { label: "Open Better Together", link: input.link },
  });
}

/** Who receives this may live in any zone, so the zone is named. */
function utc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
