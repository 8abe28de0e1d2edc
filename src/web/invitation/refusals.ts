import { ClientError } from "../../client/errors.ts";

/** A refusal in words that help whoever reads it. */
export interface Refusal {
  title: string;
  text: string;
}

/** By `details.reason`, which says more than the code of the error. */
const BY_REASON: Readonly<Record<string, Refusal>> = {
  expired: {
    title: "This invitation has run out",
    text: "Invitations wait for seven days. Ask for a new one; it takes a moment.",
  },
  revoked: {
    title: "This invitation was withdrawn",
    text: "Perhaps a newer one is on its way to you. Otherwise ask the person who sent you this link.",
  },
  declined: {
    title: "This invitation was declined",
    text: "Somebody with this link said no. If that was a mistake, ask for a new invitation.",
  },
  accepted: { title: "This invitation was used", text: "It has been accepted before, and works only once." },
  already_accepted: {
    title: "This invitation was used",
    text: "Somebody has accepted it, and it works only once. Was it you? Then sign in below.",
  },
  own_invitation: {
    title: "This is your own invitation",
    text: "It is meant for the other person. Pass the link on to them.",
  },
  already_paired: {
    title: "You are in a relationship already",
    text: "Nobody can be in two at once, so nothing was changed.",
  },
  inviter_unavailable: {
    title: "This invitation cannot be accepted any more",
    text: "The person who sent it is not waiting there any longer.",
  },
  accepter_unavailable: {
    title: "The other person cannot join at the moment",
    text: "Nothing was changed. They can tell you why.",
  },
  nobody_waits: { title: "Nobody waits any more", text: "The other person has withdrawn, or was answered already." },
  other_person_waits: { title: "Somebody else waits now", text: "Look at the name again before you answer." },
};

const UNKNOWN_LINK: Refusal = {
  title: "This link is not valid",
  text: "Part of it may be missing, or a newer invitation has taken its place. Open the newest mail, or ask for a new link.",
};

const WRONG_SIGN_IN: Refusal = {
  title: "That did not work",
  // One text for both, as one answer: whether an address has an account is nobody else's business.
  text: "The address or the password is wrong, or the address is not confirmed yet. In that case look for our mail and open its link first.",
};

const SIGNED_OUT: Refusal = { title: "You are signed out", text: "Sign in again, and try once more." };

/** What to say about a failed call. @param isSignIn whether the call was about the account itself */
export function refusalOf(error: unknown, isSignIn: boolean): Refusal {
  if (!(error instanceof ClientError)) return { title: "Something went wrong", text: "Please load this page again." };
  const { code, details } = error;
  if (code === "network")
    return { title: "No connection", text: "The server cannot be reached. Try again in a moment." };
  if (code === "rate_limited")
    return { title: "Too many tries", text: `Please wait ${waitingTime(error.retryAfterMs)}.` };
  const reason = typeof details?.["reason"] === "string" ? details["reason"] : code;
  if (reason === "wrong_code") return wrongCode(details?.["attemptsLeft"]);
  const known = BY_REASON[reason];
  if (known !== undefined) return known;
  if (code === "not_found" || details?.issues?.some(({ path }) => path === "token") === true) return UNKNOWN_LINK;
  if (code === "unauthenticated") return isSignIn ? WRONG_SIGN_IN : SIGNED_OUT;
  const issues = details?.issues?.map(({ message }) => message) ?? [];
  return { title: error.message, text: issues.join(". ") };
}

function wrongCode(attemptsLeft: unknown): Refusal {
  const left = typeof attemptsLeft === "number" ? ` ${triesLeft(attemptsLeft)}` : "";
  return { title: "This code is not valid", text: `Codes work once, for 15 minutes.${left}` };
}

function triesLeft(count: number): string {
  if (count === 0) return "That was the last try for now.";
  return count === 1 ? "You have one try left." : `You have ${count} tries left.`;
}

function waitingTime(ms: number): string {
  const minutes = Math.ceil(ms / 60_000);
  return minutes <= 1 ? "a minute" : `${minutes} minutes`;
}
