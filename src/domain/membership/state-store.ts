import type { MembershipState } from "../../protocol/membership.ts";
import type { Sql } from "../sql.ts";
import type { RelationshipStatus } from "./rules.ts";

export function insertMeta(sql: Sql, state: MembershipState): void {
  sql.run(
    `INSERT INTO _meta (id, relationship_id, status, relationship_type, start_date, anniversary_date, home_timezone,
       membership_version, status_version, created_at)
     VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    state.relationshipId,
    state.status,
    state.relationshipType,
    state.startDate,
    state.anniversaryDate,
    state.homeTimezone,
    state.version,
    state.statusVersion,
    state.createdAt,
  );
}

/** The profile stays as it is: once there is an object, the couple changes it there. */
export function updateMembershipVersion(sql: Sql, version: number): void {
  sql.run("UPDATE _meta SET membership_version = ?", version);
}

/** Whoever decides on a status raises its version by one. */
export function updateStatus(sql: Sql, status: RelationshipStatus, version: number): void {
  sql.run("UPDATE _meta SET status = ?, status_version = ?", status, version);
}

export function upsertMember(sql: Sql, member: MembershipState["members"][number], version: number): void {
  sql.run(
    `INSERT INTO members (user_id, slot, display_name, timezone, joined_at, left_at, membership_version)
     VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (user_id) DO UPDATE SET slot = excluded.slot, display_name = excluded.display_name,
       timezone = excluded.timezone, left_at = excluded.left_at, membership_version = excluded.membership_version`,
    member.userId,
    member.slot,
    member.displayName,
    member.timezone,
    member.joinedAt,
    member.leftAt,
    version,
  );
}
