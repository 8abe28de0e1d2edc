import { assert } from "../../lib/assert.ts";
import type { Context } from "../context.ts";
import type { Member } from "../couple.ts";
import { CHALLENGES, type ChallengeTemplate } from "./catalogue.ts";
import { listCompletedDates } from "./entry-store.ts";
import { progressOf, unitsDone } from "./rules.ts";
import type { Progress } from "./schema.ts";
import type { ParticipationRow } from "./store.ts";

const byId = new Map(CHALLENGES.map((challenge) => [challenge.id, challenge]));

/** The catalogue's entry; ids come from the input's schema or from a row that passed it. */
export function requireChallenge(id: string): ChallengeTemplate {
  const challenge = byId.get(id);
  assert(challenge !== undefined, "the challenge is in the catalogue");
  return challenge;
}

/** Who takes part: both, or its author alone when it was started alone. */
export function participants(ctx: Context, row: ParticipationRow): readonly Member[] {
  return row.visibility === "private" ? ctx.members.filter(({ userId }) => userId === row.authorId) : ctx.members;
}

/** Progress as the entries have it now. */
export function readProgress(ctx: Context, row: ParticipationRow): Progress {
  const challenge = requireChallenge(row.challengeId);
  const members = participants(ctx, row).map(({ userId }) => {
    // As many dates as the challenge has days lie in all of its units at least, so more need not be read.
    const dates = listCompletedDates(ctx.sql, row.id, userId, challenge.days);
    return { userId, done: unitsDone(challenge, row.startDate, dates) };
  });
  return progressOf(challenge, members);
}
