import { startProduct, withContestants, type Pair } from "../contestants.ts";
import type { BenchCouple } from "../directory.ts";
import { queryFrames } from "../frames.ts";
import { httpLoad } from "../http-load.ts";
import { live } from "../life.ts";
import type { LoadClient } from "../load-client.ts";
import type { Product } from "../product.ts";
import { judge, times, type Aim, type ScenarioReport, type Table } from "../report.ts";
import { interleave, medianOf, ratioOf, type Measurement } from "../rounds.ts";
import type { Session } from "../session.ts";
import { percentile } from "../statistics.ts";
import { quietStorage } from "../storage.ts";

const QUERY = "insights.dashboard";
const YEAR_DAYS = 365;
const COLUMNS = ["way", "answer", "per s", "p50 ms", "p99 ms", "CPU us/op", "of computed anew"];
const ANSWERS = ["kept until the next write", "computed anew"] as const;

/** The home screen of a couple with a year of history: the kept answer against the same answer computed each time. */
export async function dashboard(session: Session): Promise<ScenarioReport> {
  const { modules } = await session.benchBundle();
  return withContestants(
    quietStorage(),
    async (folder) => [await startProduct(modules, folder)],
    async ([contestant]) => {
      if (contestant === undefined) throw new Error("Nothing was started");
      const { product } = contestant;
      session.progress("dashboard: seeding a year");
      const couples = await product.couples(1, Date.now() - YEAR_DAYS * 86_400_000);
      const commands = await live(product, couples, YEAR_DAYS, 1);
      const [couple] = couples;
      if (couple === undefined) throw new Error("No couple was made");
      const table: Table = { title: `${QUERY} after ${commands} commands in a year`, columns: COLUMNS, rows: [] };
      const aims: Aim[] = [];
      for (const connections of [1, 16]) {
        session.progress(`dashboard: REST, ${connections} connections`);
        const count = session.pick(1_000, 300);
        const ratio = await compare(session, product, table, `REST, ${connections} connections`, () =>
          rest(product, couple, connections, count),
        );
        if (connections === 16)
          aims.push(judge("dashboard over REST at 16 connections: computed anew", ratio, ">=", 2));
      }
      const sockets = await openSockets(product, couple);
      for (const connections of [1, 16]) {
        session.progress(`dashboard: ${connections} sockets`);
        await compare(session, product, table, `socket, ${connections} sockets`, () =>
          overSockets(product, sockets.slice(0, connections), session.pick(1_600, 480)),
        );
      }
      return {
        name: "dashboard",
        tables: [table],
        aims,
        notes: ["A dashboard is one call of the object. Over REST the session costs one query of D1 besides."],
      };
    },
  );
}

async function compare(
  session: Session,
  product: Product,
  table: Table,
  way: string,
  measure: () => Promise<Measurement>,
): Promise<number> {
  const results = await interleave(ANSWERS, session.pick(5, 3), async (answer) => {
    await product.call("cacheable", { name: QUERY, cacheable: answer === ANSWERS[0] });
    return measure();
  });
  await product.call("cacheable", { name: QUERY, cacheable: true });
  const anew = results.get(ANSWERS[1]);
  for (const answer of ANSWERS) {
    const rounds = results.get(answer);
    table.rows.push([
      way,
      answer,
      medianOf(rounds, (m) => m.perSecond),
      medianOf(rounds, (m) => m.p50Ms),
      medianOf(rounds, (m) => m.p99Ms),
      medianOf(rounds, (m) => m.cpuMicrosPerOp),
      times(ratioOf(rounds, anew, (m) => m.perSecond)),
    ]);
  }
  return ratioOf(results.get(ANSWERS[0]), anew, (m) => m.perSecond);
}

async function rest(product: Product, couple: BenchCouple, connections: number, count: number): Promise<Measurement> {
  const url = new URL(`/api/relationships/${couple.relationshipId}/queries/${QUERY}`, product.host.url);
  const cookies = couple.members.map(({ sessionToken }) => product.cookie(sessionToken));
  return httpLoad(product.host, url, cookies, connections, count);
}

/** Eight sockets a member, which is as many as there may be. */
async function openSockets(product: Product, couple: BenchCouple): Promise<LoadClient[]> {
  const sockets: Pair[number][] = [];
  for (let i = 0; i < 8; i++) {
    const tickets = await product.tickets([couple]);
    for (const ticket of tickets) sockets.push(await product.connect(couple.relationshipId, { ticket }));
  }
  return sockets;
}

async function overSockets(product: Product, sockets: readonly LoadClient[], count: number): Promise<Measurement> {
  const cpuBefore = product.host.cpuMs();
  const startedAt = performance.now();
  const each = Math.round(count / sockets.length);
  const latencies = (await Promise.all(sockets.map((socket) => socket.pump(queryFrames(QUERY, each), 1)))).flat();
  const elapsedMs = performance.now() - startedAt;
  return {
    perSecond: (latencies.length / elapsedMs) * 1_000,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    cpuMicrosPerOp: ((product.host.cpuMs() - cpuBefore) / latencies.length) * 1_000,
  };
}
