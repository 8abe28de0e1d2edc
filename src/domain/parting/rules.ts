import type { RelationshipStatus } from "../membership/rules.ts";
import { DAY_MS } from "../../protocol/limits.ts";
import { illegalTransition } from "../transitions.ts";

/**
 * How a couple parts, as pure rules: no SQL, no clock. The object, the directory's statements, the published tables of
 * docs/PARTING.md and the exhaustive model all read these.
 */

/** Shown instead of the id of whoever made a joint row and has left, purged their part or erased their account. */
export const FORMER_MEMBER = "former_member";

/** How long a parted couple's space stays readable. */
export const FREEZE_MS = 30 * DAY_MS;

/**
 * - `object`: decided where the couple's data is, then reported to the directory;
 * - `directory`: decided where people are matched, then told to the object.
 *
 * Of one status one side decides, so that two decisions never cross. Whoever decides raises the status version by one.
 */
export type Decider = "object" | "directory";

interface StatusMove {
  from: readonly RelationshipStatus[];
  to: RelationshipStatus;
  decider: Decider;
  /** Whose will it takes. */
  by: "either" | "both" | "time";
}

export const STATUS_MOVES = {
  pair: { from: ["solo"], to: "active", decider: "directory", by: "both" },
  move_out: { from: ["solo"], to: "ended", decider: "directory", by: "either" },
  pause: { from: ["active"], to: "paused", decider: "object", by: "either" },
  resume: { from: ["paused"], to: "active", decider: "object", by: "either" },
  leave: { from: ["active", "paused"], to: "frozen", decider: "object", by: "either" },
  reunite: { from: ["frozen"], to: "active", decider: "directory", by: "both" },
  end: { from: ["frozen"], to: "ended", decider: "directory", by: "time" },
} as const satisfies Record<string, StatusMove>;

export type StatusMoveName = keyof typeof STATUS_MOVES;

export function isStatusMove(move: StatusMoveName, from: RelationshipStatus): boolean {
  const allowed: readonly RelationshipStatus[] = STATUS_MOVES[move].from;
  return allowed.includes(from);
}

/** The state that `move` leads to. @throws AppError `illegal_transition` with the current state */
export function requireStatusMove(move: StatusMoveName, from: RelationshipStatus): RelationshipStatus {
  if (!isStatusMove(move, from)) throw illegalTransition(from);
  return STATUS_MOVES[move].to;
}

/** What a member wants of their part when the thirty days are over; `purged` is final. */
export const PARTING_CHOICES = ["keep", "decline", "purged"] as const;
export type PartingChoice = (typeof PARTING_CHOICES)[number];

/** A member as far as parting is concerned. */
export interface PartingMember {
  userId: string;
  choice: PartingChoice;
  /** Epoch milliseconds; null while the account exists. */
  erasedAt: number | null;
}

/** Whether nothing of this member's is left to wait for. */
export function isGone(member: Pick<PartingMember, "choice" | "erasedAt">): boolean {
  return member.choice === "purged" || member.erasedAt !== null;
}

/** When a space that was frozen at `frozenAt` ends (epoch milliseconds): at once when nobody keeps anything here. */
export function endsAt(frozenAt: number, members: readonly PartingMember[], now: number): number {
  return members.length > 0 && members.every(isGone) ? Math.min(now, frozenAt + FREEZE_MS) : frozenAt + FREEZE_MS;
}

/** Whether a member's part goes on into an object of their own at the end. */
export function keepsPart(member: PartingMember): boolean {
  return member.choice === "keep" && !isGone(member);
}

export const ROW_CLASSES = ["private", "shared", "joint"] as const;
export type RowClass = (typeof ROW_CLASSES)[number];
/** Who made the row, seen from whoever acts. */
export type Authorship = "mine" | "theirs";
export type ExitAct = "leave" | "purge" | "decline" | "erase" | "thirty_days";

/**
 * - `stays`: nothing changes, for nobody;
 * - `deleted`: gone at once;
 * - `former_member`: stays for the other, with the author shown as a former member;
 * - `taken`: comes along into the actor's own space, private to them;
 * - `taken_as_former_member`: the same, with the author shown as a former member;
 * - `not_taken`: does not come along; what nobody takes is destroyed with the object.
 */
export type Fate = "stays" | "deleted" | "former_member" | "taken" | "taken_as_former_member" | "not_taken";

const DELETED_FOR_GOOD = {
  private: { mine: "deleted", theirs: "stays" },
  shared: { mine: "deleted", theirs: "stays" },
  joint: { mine: "former_member", theirs: "stays" },
} as const;

/**
 * Class of a row x who acts -> what becomes of it. `thirty_days` is the end for a member who keeps their part, `decline`
 * the end for one who does not.
 */
export const EXIT_MATRIX: Readonly<Record<ExitAct, Readonly<Record<RowClass, Readonly<Record<Authorship, Fate>>>>>> = {
  leave: {
    private: { mine: "stays", theirs: "stays" },
    shared: { mine: "stays", theirs: "stays" },
    joint: { mine: "stays", theirs: "stays" },
  },
  purge: DELETED_FOR_GOOD,
  erase: DELETED_FOR_GOOD,
  decline: {
    private: { mine: "not_taken", theirs: "not_taken" },
    shared: { mine: "not_taken", theirs: "not_taken" },
    joint: { mine: "not_taken", theirs: "not_taken" },
  },
  thirty_days: {
    private: { mine: "taken", theirs: "not_taken" },
    shared: { mine: "taken", theirs: "not_taken" },
    joint: { mine: "taken", theirs: "taken_as_former_member" },
  },
};

export function fateOf(act: ExitAct, rowClass: RowClass, authorship: Authorship): Fate {
  return EXIT_MATRIX[act][rowClass][authorship];
}

/** What becomes of a row at the end, seen from `member`. A private row of a joint table counts as private. */
export function fateAtEnd(member: PartingMember, rowClass: RowClass, authorship: Authorship): Fate {
  return fateOf(keepsPart(member) ? "thirty_days" : "decline", rowClass, authorship);
}

/** How the author of a joint row is shown among `members`, those who are here and have not taken themselves out. */
export function shownAuthor(
  members: readonly { userId: string; choice?: PartingChoice; erasedAt?: number | null }[],
  row: { authorId: string; formerAuthor: number },
): string {
  if (row.formerAuthor === 1) return FORMER_MEMBER;
  const author = members.find((member) => member.userId === row.authorId);
  if (author === undefined) return FORMER_MEMBER;
  return isGone({ choice: author.choice ?? "keep", erasedAt: author.erasedAt ?? null }) ? FORMER_MEMBER : row.authorId;
}
