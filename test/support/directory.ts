import { env } from "cloudflare:workers";
import type { MembershipState } from "../../src/protocol/membership.ts";

/** The rows of D1 that go with an object made by hand, so that its flush has a relationship to report to. */
export async function insertDirectoryRows(state: MembershipState): Promise<void> {
  const at = new Date(state.createdAt).toISOString();
  const users = state.members.map(({ userId, displayName, timezone }) =>
    env.DB.prepare(
      `INSERT INTO users (id, email, email_verified, name, timezone, created_at, updated_at)
       VALUES (?, ?, 1, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    ).bind(userId, `${userId}@example.test`, displayName, timezone, at, at),
  );
  const [first, second] = state.members.map((member) => member.userId);
  const relationship = env.DB.prepare(
    `INSERT INTO relationships (id, created_by_user_id, user_1_id, user_2_id, status, home_timezone, membership_version,
       created_at, updated_at, status_version)
     VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8)
     ON CONFLICT DO UPDATE SET user_2_id = excluded.user_2_id, status = excluded.status,
       membership_version = excluded.membership_version, status_version = excluded.status_version`,
  ).bind(
    state.relationshipId,
    first ?? null,
    second ?? null,
    state.status,
    state.homeTimezone,
    state.version,
    state.createdAt,
    state.statusVersion,
  );
  const members = state.members.map(({ userId, slot, joinedAt }) =>
    env.DB.prepare(
      `INSERT INTO relationship_members (relationship_id, user_id, slot, joined_at, membership_version)
       VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    ).bind(state.relationshipId, userId, slot, joinedAt, state.version),
  );
  await env.DB.batch([...users, relationship, ...members]);
}
