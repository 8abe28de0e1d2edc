import { startProduct, withContestants, type ProductContestant } from "../contestants.ts";
import type { BenchCouple } from "../directory.ts";
import { live } from "../life.ts";
import { figure, type Aim, type ScenarioReport, type Table } from "../report.ts";
import type { Session } from "../session.ts";
import { inParallel, sum } from "../statistics.ts";
import { quietStorage } from "../storage.ts";
import type { D1Tally } from "../tallied-database.ts";

const DAYS = 3;
const FLUSHES_AT_ONCE = 16;
/** The flush writes hourly counters, daily snapshots, engagement scores and the relationship's own row. */
const TABLES = 4;

interface FlushedDay {
  commands: number;
  wallMs: number;
  cpuMs: number;
  tallies: D1Tally[];
  grownBytes: number;
}

/** Objects tell D1 what happened: once for each of some days, every object asleep before, as in real life. */
export async function flush(session: Session): Promise<ScenarioReport> {
  const { modules } = await session.benchBundle();
  const count = session.pick(1_000, 200);
  return withContestants(
    quietStorage(),
    async (folder) => [await startProduct(modules, folder)],
    async ([contestant]) => {
      if (contestant === undefined) throw new Error("Nothing was started");
      const couples = await contestant.product.couples(count);
      const days: FlushedDay[] = [];
      // Days to come: what happened in the past would be due for a flush at once, and gone before it is counted.
      for (let day = 1; day <= DAYS; day++) {
        session.progress(`flush: ${count} couples, day ${day} of ${DAYS}`);
        days.push(await liveAndFlush(contestant, couples, -day));
      }
      return reportOf(count, days);
    },
  );
}

async function liveAndFlush(contestant: ProductContestant, couples: BenchCouple[], ago: number): Promise<FlushedDay> {
  const { product, host, className } = contestant;
  const commands = await live(product, couples, ago, ago);
  await inParallel(couples, FLUSHES_AT_ONCE, async ({ relationshipId }) => {
    await host.miniflare.unsafeEvictDurableObject("bench", className, { name: relationshipId });
  });
  const { bytes: before } = await product.call("size", {});
  const cpuBefore = host.cpuMs();
  const startedAt = performance.now();
  const relationshipIds = couples.map(({ relationshipId }) => relationshipId);
  const { tallies } = await product.call("flush", { relationshipIds, concurrency: FLUSHES_AT_ONCE });
  const wallMs = performance.now() - startedAt;
  const cpuMs = host.cpuMs() - cpuBefore;
  const { bytes: after } = await product.call("size", {});
  return { commands, wallMs, cpuMs, tallies, grownBytes: after - before };
}

function reportOf(count: number, days: readonly FlushedDay[]): ScenarioReport {
  const rows: Table["rows"] = days.map(({ commands, wallMs, cpuMs, tallies, grownBytes }, index) => [
    `day ${index + 1}`,
    commands / count,
    wallMs,
    (cpuMs / count) * 1_000,
    sum(tallies.map((tally) => tally.calls)) / count,
    sum(tallies.map((tally) => tally.statements)) / count,
    sum(tallies.map((tally) => tally.rowsWritten)) / count,
    sum(tallies.map((tally) => tally.rowsRead)) / count,
    grownBytes / count,
  ]);
  const tallies = days.flatMap((day) => day.tallies);
  const mostCalls = Math.max(...tallies.map((tally) => tally.calls));
  const mostBatches = Math.max(...tallies.map((tally) => tally.batches));
  const mostStatements = Math.max(...tallies.map((tally) => tally.statements));
  // The first day also pays for pages that are not full yet.
  const later = days.slice(1);
  const growth = sum(later.map((day) => day.grownBytes)) / (count * later.length);
  const aims: Aim[] = [
    {
      aim: "one D1 batch a flush and no other call",
      measured: `${mostBatches} batch, ${mostCalls} call(s)`,
      met: mostBatches === 1 && mostCalls === 1,
    },
    {
      aim: `at most one statement a table (${TABLES} tables)`,
      measured: `${mostStatements} statements`,
      met: mostStatements <= TABLES,
    },
  ];
  const perFlush = ["CPU us/flush", "D1 calls", "statements", "rows written", "rows read", "D1 bytes grown"];
  const columns = ["day", "commands", "wall ms for all", ...perFlush];
  return {
    name: "flush",
    tables: [
      {
        title: `Flush of ${count} objects, ${FLUSHES_AT_ONCE} at a time; per object unless it says all`,
        columns,
        rows,
      },
    ],
    aims,
    notes: [
      `D1 grows by ${figure(growth)} bytes per couple and day of activity until hours are folded into days.`,
      "Rows as D1 bills them: an index entry is a row of its own.",
    ],
  };
}
