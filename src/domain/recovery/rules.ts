import type { RelationshipStatus } from "../membership/rules.ts";

/** Steps of which both members' inboxes are told. */
export const RECOVERY_STEPS = ["waiting_for_partner", "waiting_period", "link_mailed", "cancelled"] as const;
export type RecoveryStep = (typeof RECOVERY_STEPS)[number];

interface Words {
  title: string;
  message: string;
}

/** What each of the two reads: whose account it is, and who may help. Null: nothing to say to that one. */
export const RECOVERY_WORDS: Readonly<Record<RecoveryStep, { owner: Words; partner: Words | null }>> = {
  waiting_for_partner: {
    owner: {
      title: "Somebody asked to recover your account",
      message: "If this was not you, stop it here. Your partner would have to agree, and then two days must pass.",
    },
    partner: {
      title: "You are asked for help with an account",
      message: "Ask your partner in person whether they lost their access and gave this address, before you agree.",
    },
  },
  waiting_period: {
    owner: {
      title: "Your account will be recovered in two days",
      message: "Your partner agreed. If this was not you, stop it here.",
    },
    partner: null,
  },
  link_mailed: {
    owner: {
      title: "A link to recover your account was sent",
      message: "It went to the new address. If this was not you, stop it here.",
    },
    partner: null,
  },
  cancelled: {
    owner: { title: "The recovery of your account was stopped", message: "Nothing about your account has changed." },
    partner: null,
  },
};

/**
 * Whether one member may help the other: they are together and nobody is leaving. In a frozen relationship the help of a
 * former partner could be forced or turned against somebody, so there is none.
 */
export function mayHelp(status: RelationshipStatus): boolean {
  return status === "active" || status === "paused";
}
