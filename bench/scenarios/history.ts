import { startProduct, withContestants, type Contestant, type Pair, type ProductContestant } from "../contestants.ts";
import { commandFrames, MEASURED_COMMANDS, queryFrames } from "../frames.ts";
import { live } from "../life.ts";
import { percent, type ScenarioReport, type Table } from "../report.ts";
import { interleave, load, medianOf, ratioOf, type Measurement } from "../rounds.ts";
import type { Session } from "../session.ts";
import { quietStorage } from "../storage.ts";

const YEAR_DAYS = 365;

interface Couple {
  label: string;
  pair: Pair;
}

/** Whether a long history makes a couple slow: the same commands and the dashboard, a new couple beside an old one. */
export async function history(session: Session): Promise<ScenarioReport> {
  const { modules } = await session.benchBundle();
  return withContestants(
    quietStorage(),
    async (folder) => [await startProduct(modules, folder)],
    async ([contestant]) => {
      if (contestant === undefined) throw new Error("Nothing was started");
      const couples: Couple[] = [];
      for (const days of [0, YEAR_DAYS]) {
        session.progress(`history: seeding ${days} days`);
        couples.push(await coupleOf(contestant, days));
      }
      const rows: Table["rows"] = [];
      for (const name of MEASURED_COMMANDS) {
        session.progress(`history: ${name}`);
        const results = await interleave(couples, session.pick(5, 3), ({ pair }) =>
          load(contestant, [pair], 32, () => commandFrames(name, session.pick(2_000, 400))),
        );
        rows.push(...rowsOf(name, couples, results));
      }
      session.progress("history: dashboard");
      await contestant.product.call("cacheable", { name: "insights.dashboard", cacheable: false });
      const results = await interleave(couples, session.pick(5, 3), ({ pair }) =>
        ask(contestant, pair, session.pick(1_000, 300)),
      );
      rows.push(...rowsOf("insights.dashboard, anew", couples, results));
      const columns = ["operation", "couple", "per s", "p50 ms", "CPU us/op", "of new"];
      return { name: "history", tables: [{ title: "Cost by length of history", columns, rows }], aims: [], notes: [] };
    },
  );
}

async function coupleOf({ product }: ProductContestant, days: number): Promise<Couple> {
  const couples = await product.couples(1, Date.now() - (days + 1) * 86_400_000);
  if (days > 0) await live(product, couples, days, 1);
  const [ticketA = "", ticketB = ""] = await product.tickets(couples);
  const id = couples[0]?.relationshipId ?? "";
  const pair: Pair = [await product.connect(id, { ticket: ticketA }), await product.connect(id, { ticket: ticketB })];
  return { label: days === 0 ? "new" : `${days} days`, pair };
}

async function ask({ host }: Contestant, [client]: Pair, count: number): Promise<Measurement> {
  const cpuBefore = host.cpuMs();
  const startedAt = performance.now();
  const latencies = await client.pump(queryFrames("insights.dashboard", count), 4);
  const perSecond = (count / (performance.now() - startedAt)) * 1_000;
  const cpuMicrosPerOp = ((host.cpuMs() - cpuBefore) / count) * 1_000;
  const p50Ms = latencies.toSorted((a, b) => a - b)[count >> 1] ?? 0;
  return { perSecond, p50Ms, p99Ms: Math.max(...latencies), cpuMicrosPerOp };
}

function rowsOf(operation: string, couples: readonly Couple[], results: Map<Couple, Measurement[]>): Table["rows"] {
  const base = couples[0] === undefined ? undefined : results.get(couples[0]);
  return couples.map((couple) => {
    const rounds = results.get(couple);
    return [
      operation,
      couple.label,
      medianOf(rounds, (m) => m.perSecond),
      medianOf(rounds, (m) => m.p50Ms),
      medianOf(rounds, (m) => m.cpuMicrosPerOp),
      percent(ratioOf(rounds, base, (m) => m.perSecond)),
    ];
  });
}
