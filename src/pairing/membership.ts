import { listWaitingAbsorptions } from "../db/absorptions.ts";
import { listMembershipRows } from "../db/members.ts";
import type { MembershipRow } from "../db/members.ts";
import { queueMembershipOfUserStatement } from "../db/object-outbox.ts";
import { bumpMembershipVersionStatement } from "../db/relationships.ts";
import type { MembershipState } from "../protocol/membership.ts";

/**
 * For the batch of a change of a person's name or zone: the person's live relationship gets a new version, and its
 * object will be told. Without a live relationship the statements do nothing. Deliver afterwards.
 * @param now epoch milliseconds
 */
export function markMembershipChanged(db: D1Database, userId: string, now: number): D1PreparedStatement[] {
  return [bumpMembershipVersionStatement(db, userId, now), queueMembershipOfUserStatement(db, userId, now)];
}

/** What D1 holds now about each of `relationshipIds`; unknown ids are left out. */
export async function readMembershipStates(
  db: D1Database,
  relationshipIds: readonly string[],
  now: number,
): Promise<Map<string, MembershipState>> {
  // Read first: whoever moves in is among the members that are read afterwards.
  const waiting = Map.groupBy(await listWaitingAbsorptions(db, relationshipIds), (row) => row.target_id);
  const rows = await listMembershipRows(db, relationshipIds);
  const states = new Map<string, MembershipState>();
  for (const [id, group] of Map.groupBy(rows, (row) => row.relationship_id)) {
    const [first] = group;
    if (first === undefined) continue;
    const absorbs = (waiting.get(id) ?? []).map((row) => ({ sourceId: row.source_id, userId: row.user_id }));
    states.set(id, { ...profileOf(first), now, members: membersOf(group), absorbs });
  }
  return states;
}

function profileOf(row: MembershipRow): Omit<MembershipState, "now" | "members" | "absorbs"> {
  return {
    relationshipId: row.relationship_id,
    version: row.membership_version,
    statusVersion: row.status_version,
    status: row.status,
    relationshipType: row.relationship_type,
    startDate: row.start_date,
    anniversaryDate: row.anniversary_date,
    homeTimezone: row.home_timezone,
    createdAt: row.created_at,
  };
}

// A person who left and came back has two rows; rows come in the order of joining, so the newest one wins. In the
// directory both have left a frozen relationship, since they may pair anew; in its object they are members until the end.
function membersOf(rows: readonly MembershipRow[]): MembershipState["members"] {
  const members = new Map<string, MembershipState["members"][number]>();
  for (const row of rows) {
    members.set(row.user_id, {
      userId: row.user_id,
      slot: row.slot,
      displayName: row.display_name,
      timezone: row.timezone,
      joinedAt: row.joined_at,
      leftAt: isInFrozen(row) ? null : row.left_at,
    });
  }
  return [...members.values()];
}

function isInFrozen(row: MembershipRow): boolean {
  return row.status === "frozen" && row.left_at !== null && row.frozen_at !== null && row.left_at >= row.frozen_at;
}
