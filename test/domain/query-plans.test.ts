import { env } from "cloudflare:workers";
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { DAY_MS } from "../../src/protocol/limits.ts";
import { createCouple, NOON } from "../support/couple.ts";
import { playSamples } from "../support/samples.ts";
import { connect } from "../support/socket-client.ts";

/** Tables that stay tiny whatever a couple does, so that reading them whole is the plan. */
const TINY = new Map([
  ["_meta", "one row"],
  ["_migrations", "a row a version"],
  ["members", "two rows"],
  ["readers", "members and the couple"],
  ["absorptions", "a row for each earlier object of a member"],
  ["schedule", "a few jobs"],
  ["summary_cursors", "a row a stream"],
  ["event_summaries", "hours of 35 days"],
  ["user_achievements", "at most 13 rows"],
  ["points", "a row an award"],
  ["important_dates", "tens of rows"],
  ["ended_sessions", "two days of signed-out sessions"],
  ["socket_tokens", "a day of tokens, read whole by the daily clean-up"],
  ["reminders_sent", "45 days of a few kinds"],
  ["score_dates", "ninety days of two members"],
  ["relationship_pauses", "a handful of rows"],
  ["entitlement", "one row"],
  ["app_days", "ninety days of two members"],
  ["sqlite_master", "the schema"],
]);

/** Queries that walk an index from its end and stop at their LIMIT or at an aggregate of the index's own edge. */
const BOUNDED = [
  /SELECT 1 FROM \w+ LIMIT 1/,
  // Metrics of achievements: never more rows than the threshold, and never again once it is earned.
  /^\s*SELECT COUNT\(\*\) AS \w+ FROM \(\s*SELECT (1|DISTINCT \w+) FROM .*LIMIT \?\)/s,
  /DELETE FROM command_receipts WHERE created_at/,
];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOON });
});

afterEach(() => {
  vi.useRealTimers();
});

it("reads no growing table of the object whole", async () => {
  const couple = await createCouple({ createdAt: NOON - DAY_MS });
  const stub = env.RELATIONSHIP.getByName(couple.relationshipId);
  const queries = new Set<string>();
  await runInDurableObject(stub, (_, state) => {
    const prototype = Object.getPrototypeOf(state.storage.sql) as SqlStorage;
    // oxlint-disable-next-line typescript/unbound-method -- called below on the storage that it was taken from
    const { exec } = prototype;
    // Stays for this file's isolate, which has no other test.
    prototype.exec = function (this: SqlStorage, query: string, ...binds: unknown[]) {
      queries.add(query);
      return exec.call(this, query, ...binds) as never;
    } as typeof exec;
  });
  await playSamples(async (name, input) => {
    const reply = await couple.a.reply(name, input, { now: Date.now() });
    return reply.ok ? { ok: true, data: (JSON.parse(reply.json) as { data: unknown }).data } : { ok: false };
  });
  const { socket } = await connect(couple.relationshipId, couple.b.userId, {
    cursors: { epoch: 1, couple: 1, own: 0 },
  });
  socket.close();
  vi.setSystemTime(NOON + 40 * DAY_MS);
  await runDurableObjectAlarm(stub);
  expect(queries.size).toBeGreaterThan(80);

  const scans: string[] = [];
  await runInDurableObject(stub, (_, state) => {
    for (const query of [...queries].filter((text) => /^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)/i.test(text))) {
      if (BOUNDED.some((pattern) => pattern.test(query))) continue;
      const plan = state.storage.sql
        .exec<{ detail: string }>(`EXPLAIN QUERY PLAN ${query}`, ...bindsOf(query))
        .toArray();
      for (const { detail } of plan) {
        // An index of dirty rows only: what it holds is what is wanted.
        if (/USING (COVERING )?INDEX \w+_dirty/.test(detail)) continue;
        const table = /^SCAN (?!json_each|\w+ VIRTUAL|CONSTANT|\(|sent\b|day\b)(\w+)/.exec(detail)?.[1];
        if (table !== undefined && !TINY.has(table))
          scans.push(`${detail} <- ${query.replaceAll(/\s+/g, " ").slice(0, 160)}`);
      }
    }
  });
  expect(scans).toEqual([]);
});

/** As many binds as the query has places; the plan does not depend on them. */
function bindsOf(query: string): null[] {
  const numbered = [...query.matchAll(/\?(\d+)/g)].map((match) => Number(match[1]));
  const plain = [...query.matchAll(/\?(?!\d)/g)].length;
  return Array.from({ length: Math.max(plain, ...numbered, 0) }, () => null);
}
