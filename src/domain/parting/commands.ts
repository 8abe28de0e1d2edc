import * as z from "zod";
import { assert } from "../../lib/assert.ts";
import { defineCommand } from "../command.ts";
import type { MemberContext } from "../context.ts";
import { chooseAtEnd, leaveRelationship, purgePart, relationshipFrozen } from "./exit.ts";
import { HELP } from "./help.ts";
import { FREEZE_MS } from "./rules.ts";
import { choiceInput, leaveOutput, partingOutput, purgeInput } from "./schema.ts";

const leave = defineCommand({
  name: "membership.leave",
  summary: "Leave, alone and at once: read-only for both for thirty days, every socket closed, nobody is asked",
  capability: "exit",
  fresh: true,
  input: z.strictObject({}),
  output: leaveOutput,
  events: [relationshipFrozen],
  run(ctx) {
    const { frozenAt, endsAt } = leaveRelationship(ctx, ctx.me.userId);
    return { status: "frozen" as const, frozenAt, endsAt, help: [...HELP] };
  },
});

const purgeMine = defineCommand({
  name: "membership.purge_mine",
  summary: "Delete my own part of a parted space now; what we made together stays for the other",
  capability: "parting",
  fresh: true,
  input: purgeInput,
  output: partingOutput,
  run(ctx) {
    purgePart(ctx, ctx.me);
    return partingOf(ctx, "purged");
  },
});

const setChoice = defineCommand({
  name: "membership.set_parting_choice",
  summary: "Say whether my part of a parted space moves into a space of my own at the end",
  capability: "parting",
  input: choiceInput,
  output: partingOutput,
  run(ctx, { choice }) {
    chooseAtEnd(ctx, ctx.me, choice);
    return partingOf(ctx, choice);
  },
});

// Never from the other's choices: an earlier end would tell of them.
function partingOf(ctx: MemberContext, myChoice: "keep" | "decline" | "purged"): z.output<typeof partingOutput> {
  const { frozenAt } = ctx.relationship;
  assert(frozenAt !== null, "a frozen relationship knows since when");
  return { frozenAt, endsAt: frozenAt + FREEZE_MS, myChoice };
}

export const operations = [leave, purgeMine, setChoice];
