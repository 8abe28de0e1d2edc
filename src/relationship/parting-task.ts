import { queueMembershipOfUserStatement } from "../db/object-outbox.ts";
import {
  endFrozenStatement,
  findStatus,
  insertKeeperAbsorptionStatement,
  insertKeeperSoloStatements,
} from "../db/partings.ts";
import { endHere } from "../domain/parting/exit.ts";
import { endsAt, keepsPart } from "../domain/parting/rules.ts";
import { Scope } from "../domain/scope.ts";
import { config } from "../lib/config.ts";
import { newId } from "../protocol/ids.ts";
import { DAY_MS, HOUR_MS } from "../protocol/limits.ts";
import { reportStatus } from "./status-task.ts";
import type { TaskParts } from "./tasks.ts";

/**
 * The thirty days are over, or nobody keeps anything here. The directory decides, in one batch: either both have come
 * back, then nothing happens here; or the relationship ends, and each keeper's part is on its way to where they live
 * now. Whatever is cut off is repeated and comes to the same.
 */
export async function partingTask(parts: TaskParts, _key: string, now: number): Promise<number | null> {
  const { couple, env, sockets } = parts;
  const { id, status, frozenAt } = couple.relationship;
  if (frozenAt === null || couple.members.length === 0) return null;
  // Whoever was quicker than the last lines of an earlier try may have sealed the object meanwhile.
  if (status !== "frozen" && status !== "ended") return null;
  if (status === "frozen") {
    const dueAt = endsAt(frozenAt, couple.members, now);
    if (now < dueAt) return dueAt;
    // The directory cannot end what it does not know to be frozen.
    await reportStatus(parts, now);
    const keepers = couple.members.filter(keepsPart).map(({ userId }) => userId);
    await env.DB.batch(endBatch(env, { relationshipId: id, frozenAt }, keepers, now));
  }
  const known = await findStatus(env.DB, id);
  // They found each other again; the news is on its way here.
  if (known?.status !== "ended") return now + HOUR_MS;
  const scope = new Scope(couple, now);
  couple.sql.transaction(() => endHere(scope, known.status_version));
  sockets.closeEnded(now);
  return null;
}

function endBatch(
  env: Env,
  ending: { relationshipId: string; frozenAt: number },
  keepers: readonly string[],
  now: number,
): D1PreparedStatement[] {
  const { DB } = env;
  const jurisdiction = config(env).OBJECT_JURISDICTION || null;
  const moves = keepers.flatMap((userId) => {
    const solo = { userId, soloId: newId("relationship", now), jurisdiction };
    return [
      ...insertKeeperSoloStatements(DB, ending, solo, now, now + DAY_MS),
      insertKeeperAbsorptionStatement(DB, ending, userId, now),
      queueMembershipOfUserStatement(DB, userId, now),
    ];
  });
  return [...moves, endFrozenStatement(DB, ending, now)];
}
