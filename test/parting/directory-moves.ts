import { env } from "cloudflare:workers";
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { insertAbsorptionStatement } from "../../src/db/absorptions.ts";
import { queueMembershipStatement } from "../../src/db/object-outbox.ts";
import { deliverTo } from "../../src/pairing/outbox.ts";
import type { TestCouple } from "../support/couple.ts";

/** Ahead of the machine's clock, so that no alarm rings by itself: the tests say when it does. */
export const AT = Date.UTC(2031, 2, 3, 12);

/**
 * The directory ends `source`, and has the part of `userId` on its way into `target`, as an acceptance or the end of the
 * thirty days does in one batch. Nobody is told yet.
 */
export async function decideMove(source: string, userId: string, target: string, now: number): Promise<void> {
  await env.DB.batch([
    env.DB.prepare("UPDATE relationship_members SET left_at = ? WHERE relationship_id = ? AND left_at IS NULL").bind(
      now,
      source,
    ),
    env.DB.prepare(
      `UPDATE relationships SET status = 'ended', ended_at = ?1, membership_version = membership_version + 1,
         status_version = status_version + 1
       WHERE id = ?2 AND status <> 'ended'`,
    ).bind(now, source),
    insertAbsorptionStatement(env.DB, { source_id: source, user_id: userId, target_id: target }, now),
    queueMembershipStatement(env.DB, source, now),
    queueMembershipStatement(env.DB, target, now),
  ]);
}

/** Tells the objects what the directory has decided. */
export async function tell(now: number, ...relationshipIds: string[]): Promise<void> {
  for (const id of relationshipIds) await deliverTo(env, now, id);
}

/** Both have parted: nobody writes any more, and in the directory both are free to be somewhere else. */
export async function freeze({ relationshipId }: Pick<TestCouple, "relationshipId">, now: number): Promise<void> {
  await env.DB.batch([
    env.DB.prepare(
      "UPDATE relationships SET status = 'frozen', frozen_at = ?, status_version = status_version + 1 WHERE id = ?",
    ).bind(now, relationshipId),
    env.DB.prepare("UPDATE relationship_members SET left_at = ? WHERE relationship_id = ?").bind(now, relationshipId),
  ]);
  await runInDurableObject(env.RELATIONSHIP.getByName(relationshipId), (_, state) => {
    const freezing = "UPDATE _meta SET status = 'frozen', frozen_at = ?, status_version = status_version + 1";
    state.storage.sql.exec(freezing, now).toArray();
  });
  // The object reads its row again.
  await evictDurableObject(env.RELATIONSHIP.getByName(relationshipId));
}
