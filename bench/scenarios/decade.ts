import { startProduct, withContestants, type Contestant, type Pair, type ProductContestant } from "../contestants.ts";
import { CHALLENGE_ID, DECADE, MONTH, planId, type History } from "../decade.ts";
import { commandFrame, commandFrames, MEASURED_COMMANDS } from "../frames.ts";
import type { LoadClient } from "../load-client.ts";
import { judge, times, type Aim, type ScenarioReport, type Table } from "../report.ts";
import { interleave, load, medianOf, ratioOf, type Measurement } from "../rounds.ts";
import type { Session } from "../session.ts";
import { percentile } from "../statistics.ts";
import { quietStorage } from "../storage.ts";

const COST_MAX = 1.5;
const COLUMNS = ["operation", "couple", "per s", "p50 ms", "p99 ms", "CPU us/op", "CPU of new"];
const DAY_MS = 86_400_000;
const QUERY = "insights.dashboard";

interface Couple {
  label: string;
  pair: Pair;
}

/** Ten years of history beside one month with as many things open: commands, and the dashboard after each write. */
export async function decade(session: Session): Promise<ScenarioReport> {
  const { modules } = await session.benchBundle();
  return withContestants(
    quietStorage(),
    async (folder) => [await startProduct(modules, folder)],
    async ([contestant]) => {
      if (contestant === undefined) throw new Error("Nothing was started");
      session.progress("decade: seeding");
      const [rounds, count] = [session.pick(7, 5), session.pick(400, 150)];
      const plans = (rounds + 1) * count;
      const couples = [
        await coupleOf(contestant, "new (a month)", { ...MONTH, plans }),
        await coupleOf(contestant, "ten years", { ...DECADE, plans }),
      ];
      const table: Table = { title: "Cost after ten years", columns: COLUMNS, rows: [] };
      const aims: Aim[] = [];
      const compare = async (what: string, measure: (pair: Pair) => Promise<Measurement>): Promise<void> => {
        session.progress(`decade: ${what}`);
        const results = await interleave(couples, rounds, ({ pair }) => measure(pair));
        aims.push(addRows(table, what, couples, results));
      };
      for (const name of MEASURED_COMMANDS) {
        await compare(name, (pair) =>
          load(contestant, [pair], 32, () => commandFrames(name, session.pick(2_000, 1_000))),
        );
      }
      const completed = new Map<Pair, number>();
      await compare("activities.complete", (pair) => {
        const from = completed.get(pair) ?? 0;
        completed.set(pair, from + count);
        return asked(
          contestant,
          pair[0],
          framesOf(count, (n) => completeFrame(from + n)),
        );
      });
      await compare("challenges.log_entry", ([sender]) => asked(contestant, sender, framesOf(count, entryFrame)));
      // So short that fewer would be lost in the ticks of the processor's clock.
      await compare("checkins.get", ([sender]) => asked(contestant, sender, framesOf(10 * count, dayFrame)));
      await compare(`${QUERY} after a write`, ([sender]) => afterWrites(contestant, sender, count));
      await contestant.product.call("cacheable", { name: QUERY, cacheable: false });
      await compare(`${QUERY}, anew`, ([sender]) =>
        asked(
          contestant,
          sender,
          framesOf(count, (n) => queryFrame(n, QUERY)),
        ),
      );
      return { name: "decade", tables: [table], aims, notes: NOTES };
    },
  );
}

const NOTES = [
  "Both have earned every achievement already, the new couple too, so that neither is evaluated and only the length differs.",
  "7,300 check-ins without a gap, 4,000 activities, 50,000 events; both couples have the same open goals, plans and dates.",
  "The object is awake: what it keeps of closed months is read once in its life, and again after an import.",
];

async function coupleOf({ product }: ProductContestant, label: string, history: History): Promise<Couple> {
  const now = Date.now();
  const couples = await product.couples(1, now - (history.days + 1) * DAY_MS);
  const [couple] = couples;
  const [a, b] = couple?.members.map(({ userId }) => userId) ?? [];
  if (couple === undefined || a === undefined || b === undefined) throw new Error("No couple was made");
  await product.call("history", { relationshipId: couple.relationshipId, userIds: [a, b], history, now });
  const [ticketA = "", ticketB = ""] = await product.tickets(couples);
  const id = couple.relationshipId;
  return {
    label,
    pair: [await product.connect(id, { ticket: ticketA }), await product.connect(id, { ticket: ticketB })],
  };
}

/** The home screen as it is asked for in life: something was written, so nothing kept can be answered. */
async function afterWrites(contestant: Contestant, client: LoadClient, count: number): Promise<Measurement> {
  const writes = commandFrames("checkins.submit", count);
  const cpuBefore = contestant.host.cpuMs();
  const latencies: number[] = [];
  let askingMs = 0;
  for (const [index, write] of writes.entries()) {
    await client.pump([write], 1);
    const startedAt = performance.now();
    latencies.push(...(await client.pump([queryFrame(index, QUERY)], 1)));
    askingMs += performance.now() - startedAt;
  }
  return measured(latencies, askingMs, contestant.host.cpuMs() - cpuBefore);
}

/** One after the other, each answered before the next is sent. */
async function asked(contestant: Contestant, client: LoadClient, frames: readonly string[]): Promise<Measurement> {
  const cpuBefore = contestant.host.cpuMs();
  const startedAt = performance.now();
  const latencies = await client.pump([...frames], 1);
  return measured(latencies, performance.now() - startedAt, contestant.host.cpuMs() - cpuBefore);
}

function framesOf(count: number, frame: (number: number) => string): string[] {
  return Array.from({ length: count }, (_, number) => frame(number));
}

function queryFrame(number: number, name: string, input: object = {}): string {
  return JSON.stringify({ type: "query", id: `q${number}`, name, input });
}

/** One of the days that both couples have. */
function dayFrame(number: number): string {
  return queryFrame(number, "checkins.get", { date: dateBefore(1 + (number % (MONTH.days - 1))) });
}

function completeFrame(number: number): string {
  return commandFrame("activities.complete", { id: planId(number + 1) });
}

function entryFrame(number: number): string {
  const entry = { participationId: CHALLENGE_ID, date: dateBefore(0), completed: number % 2 === 0 };
  return commandFrame("challenges.log_entry", entry);
}

function dateBefore(days: number): string {
  return new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10);
}

function measured(latencies: readonly number[], elapsedMs: number, cpuMs: number): Measurement {
  return {
    perSecond: (latencies.length / elapsedMs) * 1_000,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    cpuMicrosPerOp: (cpuMs / latencies.length) * 1_000,
  };
}

/** One row a couple, and whether the old one's cost stays within the aim. */
function addRows(table: Table, what: string, couples: readonly Couple[], results: Map<Couple, Measurement[]>): Aim {
  const base = couples[0] === undefined ? undefined : results.get(couples[0]);
  let cost = Number.NaN;
  for (const couple of couples) {
    const rounds = results.get(couple);
    // Processor time: the clock would also count what else the machine was doing.
    cost = ratioOf(rounds, base, (m) => m.cpuMicrosPerOp);
    table.rows.push([
      what,
      couple.label,
      medianOf(rounds, (m) => m.perSecond),
      medianOf(rounds, (m) => m.p50Ms),
      medianOf(rounds, (m) => m.p99Ms),
      medianOf(rounds, (m) => m.cpuMicrosPerOp),
      times(cost),
    ]);
  }
  return judge(`${what}: ten years against new`, cost, "<=", COST_MAX);
}
