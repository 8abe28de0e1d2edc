import { defineQuery } from "../command.ts";
import { decodeCursor, page } from "../paging.ts";
import { CHALLENGES } from "./catalogue.ts";
import { listEntries, toEntry } from "./entry-store.ts";
import { requireParticipation } from "./lifecycle.ts";
import { readProgress } from "./progress.ts";
import { catalogueSchema, getInput, listInput, nothing, participationDetail, participationPage } from "./schema.ts";
import { listParticipations, toParticipation } from "./store.ts";

const catalogue = defineQuery({
  name: "challenges.catalogue",
  summary: "Challenges that can be started",
  input: nothing,
  output: catalogueSchema,
  run() {
    return { items: CHALLENGES.map((challenge) => ({ ...challenge, instructions: [...challenge.instructions] })) };
  },
});

const list = defineQuery({
  name: "challenges.list",
  summary: "Our participations in challenges, newest first",
  input: listInput,
  output: participationPage,
  run(ctx, input) {
    const key = decodeCursor(input.cursor, ["string"]);
    const rows = listParticipations(ctx.sql, {
      viewerId: ctx.me.userId,
      status: input.status ?? null,
      beforeId: key === null ? null : String(key[0]),
      limit: input.limit + 1,
    });
    return page(
      rows,
      input.limit,
      (row) => [row.id],
      (row) => toParticipation(row, ctx.members),
    );
  },
});

const get = defineQuery({
  name: "challenges.get",
  summary: "One participation with its progress and the entries of both, newest first",
  input: getInput,
  output: participationDetail,
  run(ctx, input) {
    const row = requireParticipation(ctx, input.participationId);
    const key = decodeCursor(input.cursor, ["string", "string"]);
    const entries = listEntries(ctx.sql, {
      participationId: row.id,
      viewerId: ctx.me.userId,
      before: key === null ? null : { date: String(key[0]), id: String(key[1]) },
      limit: input.limit + 1,
    });
    return {
      participation: toParticipation(row, ctx.members),
      progress: readProgress(ctx, row),
      entries: page(entries, input.limit, (entry) => [entry.date, entry.id], toEntry),
    };
  },
});

export const queries = [catalogue, list, get];
