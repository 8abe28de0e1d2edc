import * as z from "zod";
import type { MembershipState } from "../../protocol/membership.ts";
import { reevaluateAll } from "../achievements/evaluate.ts";
import type { Couple } from "../couple.ts";
import { planMilestones } from "../dates/milestone-job.ts";
import { defineEvent, type LoggedEvent } from "../events.ts";
import { comeBack } from "../parting/exit.ts";
import { DESTROY, PARTING_END } from "../parting/schedule-kinds.ts";
import { planReminders, replanReminders } from "../reminders/plan.ts";
import { Scope } from "../scope.ts";
import type { RelationshipStatus } from "./rules.ts";
import { insertMeta, updateMembershipVersion, updateStatus, upsertMember } from "./state-store.ts";

export const memberJoined = defineEvent(
  "member.joined",
  "A partner joined, or the first member began",
  z.strictObject({ userId: z.string(), slot: z.int() }),
);
export const memberLeft = defineEvent("member.left", "A member left", z.strictObject({ userId: z.string() }));
export const memberUpdated = defineEvent(
  "member.updated",
  "A member's name or time zone changed",
  z.strictObject({ userId: z.string(), timezone: z.string() }),
);

export const membershipEvents = [memberJoined, memberLeft, memberUpdated] as const;

export interface AppliedMembership {
  applied: boolean;
  events: readonly LoggedEvent[];
  /** Who is no longer a member. */
  removed: readonly string[];
}

/**
 * Makes the object's members, zones and names what D1 says they are. What is not newer changes nothing, so that the
 * same state may arrive twice or late. The caller runs this in a transaction on migrated tables.
 */
export function applyMembership(couple: Couple, state: MembershipState, isNew: boolean): AppliedMembership {
  const hasNewMembers = isNew || couple.relationship.membershipVersion < state.version;
  const hasNewStatus = isNew || couple.relationship.statusVersion < state.statusVersion;
  if (!hasNewMembers && !hasNewStatus) return { applied: false, events: [], removed: [] };
  const before = isNew ? [] : [...couple.members];
  const was = isNew ? null : couple.relationship.status;
  if (isNew) insertMeta(couple.sql, state);
  else updateMembershipVersion(couple.sql, Math.max(state.version, couple.relationship.membershipVersion));
  // What the object itself decided since then is newer, and on its way to the directory.
  if (!isNew && hasNewStatus) updateStatus(couple.sql, state.status, state.statusVersion);
  // Whoever left goes first, so that the slot is free for the next.
  const leaversFirst = state.members.toSorted((a, b) => Number(a.leftAt === null) - Number(b.leftAt === null));
  for (const member of leaversFirst) upsertMember(couple.sql, member, state.version);
  couple.forget();

  const events: LoggedEvent[] = [];
  const emitAs = (userId: string, emit: (scope: Scope) => void): void => {
    const scope = new Scope(couple, state.now, userId);
    emit(scope);
    events.push(...scope.events);
  };
  for (const member of state.members) {
    const known = before.find((other) => other.userId === member.userId);
    const { userId, slot, timezone } = member;
    if (member.leftAt !== null) {
      if (known) emitAs(userId, (scope) => scope.emit(memberLeft, { userId }));
    } else if (!known) {
      emitAs(userId, (scope) => {
        scope.emit(memberJoined, { userId, slot });
        planReminders(scope, { userId, timezone, preferences: "{}" });
      });
    } else if (known.timezone !== timezone || known.displayName !== member.displayName) {
      emitAs(userId, (scope) => {
        scope.emit(memberUpdated, { userId, timezone });
        if (known.timezone !== timezone) replanReminders(scope, userId);
      });
    }
  }
  if (isNew) emitAs("system", planMilestones);
  if (was === "solo" && hasNewStatus && state.status === "active") {
    // What one person earned alone rests on rows that the partner may not see.
    emitAs("system", (scope) => reevaluateAll(scope));
    couple.forget();
  }
  if (was === "frozen" && hasNewStatus) emitAs("system", (scope) => afterFreeze(scope, state.status));
  const removed = before.filter((member) => !couple.members.some((other) => other.userId === member.userId));
  return { applied: true, events, removed: removed.map((member) => member.userId) };
}

function afterFreeze(scope: Scope, status: RelationshipStatus): void {
  if (status === "active") comeBack(scope);
  if (status !== "ended") return;
  scope.unschedule(PARTING_END, "");
  scope.schedule(DESTROY, "", scope.now);
}
