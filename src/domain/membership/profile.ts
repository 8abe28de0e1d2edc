import type { MemberContext } from "../context.ts";
import { FREEZE_MS, shownAuthor } from "../parting/rules.ts";
import { STATE_CAPABILITIES } from "./rules.ts";
import { relationshipSchema, type Profile } from "./schema.ts";

/** The relationship and its members as `ctx.me` sees them. */
export function readProfile(ctx: MemberContext): Profile {
  const { id, status, type, startDate, anniversaryDate, homeTimezone, profileVersion, createdAt, frozenAt } =
    ctx.relationship;
  return {
    relationship: {
      id,
      status,
      type: relationshipSchema.shape.type.parse(type),
      startDate,
      anniversaryDate,
      homeTimezone,
      version: profileVersion,
      createdAt,
    },
    members: ctx.members.map(({ userId, displayName, timezone, slot, joinedAt }) => ({
      // Also here, as beside joint rows: whoever has taken themselves out is nobody to the other.
      userId: userId === ctx.me.userId ? userId : shownAuthor(ctx.members, { authorId: userId, formerAuthor: 0 }),
      displayName,
      timezone,
      slot,
      joinedAt,
    })),
    mySlot: ctx.me.slot,
    capabilities: [...STATE_CAPABILITIES[status]],
    parting:
      status === "frozen" && frozenAt !== null
        ? { frozenAt, endsAt: frozenAt + FREEZE_MS, myChoice: ctx.me.choice }
        : null,
  };
}
