import { env } from "cloudflare:workers";
import { relationshipStub } from "../../src/relationship/stub.ts";
import type { MembershipState } from "../../src/protocol/membership.ts";
import type { TestCouple } from "./couple.ts";

/**
 * `userIds` leave at `now`, in D1 and in the object. Without members the relationship has ended, as an accepted
 * invitation to somewhere else ends it; otherwise it lives on for whoever stays.
 */
export async function leave(couple: TestCouple, userIds: readonly string[], now = Date.now()): Promise<TestCouple> {
  const members = couple.state.members.map((member) =>
    userIds.includes(member.userId) ? { ...member, leftAt: now } : member,
  );
  const status = members.every((member) => member.leftAt !== null) ? "ended" : couple.state.status;
  const version = couple.state.version + 1;
  const statusVersion = couple.state.statusVersion + Number(status !== couple.state.status);
  const state: MembershipState = { ...couple.state, version, statusVersion, status, now, members };
  const id = couple.relationshipId;
  await env.DB.batch([
    ...userIds.map((userId) =>
      env.DB.prepare(
        "UPDATE relationship_members SET left_at = ?, membership_version = ? WHERE relationship_id = ? AND user_id = ?",
      ).bind(now, state.version, id, userId),
    ),
    env.DB.prepare(
      "UPDATE relationships SET status = ?, ended_at = iif(?1 = 'ended', ?, NULL), membership_version = ?, status_version = ? WHERE id = ?",
    ).bind(status, now, state.version, state.statusVersion, id),
  ]);
  await relationshipStub(env, id).applyMembership(state);
  return { ...couple, state };
}
