import { readInbox, readTables, type Exporter, type Overview } from "./export-source.ts";
import { EXPORT_FORMAT, EXPORT_VERSION } from "./export-schema.ts";

/** The export as one JSON object (`exportSchema`), a row a line. */
export async function* exportJson(exporter: Exporter, overview: Overview): AsyncGenerator<string> {
  const { account, profile, achievements, points, preferences, kept } = overview;
  const { streaks, appDays, imports, calendarFeeds } = kept;
  const head = {
    format: EXPORT_FORMAT,
    version: EXPORT_VERSION,
    exportedAt: exporter.now,
    userId: exporter.userId,
    account,
    relationship: profile.relationship,
    members: profile.members,
    streaks,
    achievements: achievements.filter(({ isEarned }) => isEarned),
    points,
    preferences,
    appDays,
    imports,
    calendarFeeds,
  };
  yield `${JSON.stringify(head, null, 1).slice(0, -2)},\n "tables": {`;
  let separator = "\n";
  for await (const { table, rows } of readTables(exporter)) {
    yield `${separator}  ${JSON.stringify(table)}: [`;
    yield* list(rows);
    yield "]";
    separator = ",\n";
  }
  yield `\n },\n "inbox": [`;
  yield* list(readInbox(exporter));
  yield "]\n}\n";
}

async function* list(pages: AsyncGenerator<readonly object[]>): AsyncGenerator<string> {
  let separator = "\n   ";
  for await (const items of pages) {
    if (items.length === 0) continue;
    yield separator + items.map((item) => JSON.stringify(item)).join(",\n   ");
    separator = ",\n   ";
  }
}
