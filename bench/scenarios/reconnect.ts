import {
  startBare,
  startProduct,
  withContestants,
  type ObjectContestant,
  type PreparedCouple,
} from "../contestants.ts";
import type { LoadClient } from "../load-client.ts";
import { judge, percent, type Aim, type ScenarioReport, type Table } from "../report.ts";
import { interleave, medianOf, ratioOf } from "../rounds.ts";
import type { Session } from "../session.ts";
import { inParallel, percentile } from "../statistics.ts";
import { storageKinds } from "../storage.ts";

/** Handshakes on the way at once: far fewer than clients, far more than cores. */
const HANDSHAKES = 64;

interface Storm {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  cpuMicrosPerOp: number;
}

interface StormPair {
  connect: Storm;
  reconnect: Storm;
}

/** Everybody connects at once, then every object is evicted as by a deploy and everybody comes back. */
export async function reconnect(session: Session): Promise<ScenarioReport> {
  const tables: Table[] = [];
  const aims: Aim[] = [];
  const couples = session.pick(500, 100);
  for (const kind of storageKinds()) {
    await withContestants(
      kind,
      async (folder): Promise<ObjectContestant[]> => {
        const product = await startProduct((await session.benchBundle()).modules, folder);
        return [product, await startBare(product.product.compatibilityDate, folder)];
      },
      async (contestants) => {
        const results = await interleave(contestants, session.pick(3, 2), (contestant) => {
          session.progress(`reconnect: ${couples} couples, ${contestant.label}, ${kind}`);
          return storms(contestant, couples);
        });
        const [product, bare] = contestants.map((contestant) => results.get(contestant));
        for (const phase of ["connect", "reconnect"] as const) {
          const of = (rounds: StormPair[] | undefined, value: (storm: Storm) => number): number =>
            medianOf(rounds, (round) => value(round[phase]));
          const ratio = ratioOf(product, bare, (round) => round[phase].perSecond);
          const rows = contestants.map((contestant) => {
            const rounds = results.get(contestant);
            return [
              contestant.label,
              of(rounds, (s) => s.perSecond),
              of(rounds, (s) => s.p50Ms),
              of(rounds, (s) => s.p99Ms),
              of(rounds, (s) => s.cpuMicrosPerOp),
              percent(ratioOf(rounds, bare, (round) => round[phase].perSecond)),
            ];
          });
          const what = phase === "connect" ? "first connections (a ticket each)" : "reconnections after eviction";
          tables.push({
            title: `${couples * 2} ${what}, ${HANDSHAKES} at a time, state on ${kind}`,
            columns: ["contestant", "per s", "p50 ms", "p99 ms", "CPU us/op", "of bare"],
            rows,
          });
          if (phase === "reconnect")
            aims.push(judge(`reconnects after eviction on ${kind}: the bare object's`, ratio, ">=", 0.9, percent));
        }
      },
    );
  }
  return {
    name: "reconnect",
    tables,
    aims,
    notes: [
      "A first connection makes the bare object; the product's objects were made when the couple was, before the clock.",
      "Done when the first frame is there. The product's brings what was missed and a new one-use token, which it stores.",
    ],
  };
}

async function storms(contestant: ObjectContestant, count: number): Promise<StormPair> {
  const couples = await contestant.prepare(count);
  const seats = couples.flatMap((couple): [PreparedCouple, 0 | 1][] => [
    [couple, 0],
    [couple, 1],
  ]);
  const first = await storm(contestant, seats, ([couple, slot]) => couple.connect(slot));
  // The sockets die with the object, as they do when new code is deployed.
  await inParallel(couples, 16, ({ objectName }) =>
    contestant.host.miniflare.unsafeEvictDurableObject("bench", contestant.className, {
      name: objectName,
      webSockets: "close",
    }),
  );
  await Promise.all(first.clients.map((client) => client.closed));
  const lost = seats.map((seat, index): [[PreparedCouple, 0 | 1], LoadClient | undefined] => [
    seat,
    first.clients[index],
  ]);
  const second = await storm(contestant, lost, ([[couple, slot], before]) => {
    if (before === undefined) throw new Error("A client was never connected");
    return couple.reconnect(slot, before);
  });
  await Promise.all(second.clients.map((client) => client.close()));
  return { connect: first.storm, reconnect: second.storm };
}

async function storm<Seat>(
  contestant: ObjectContestant,
  seats: readonly Seat[],
  connect: (seat: Seat) => Promise<LoadClient>,
): Promise<{ storm: Storm; clients: LoadClient[] }> {
  const latencies: number[] = [];
  const cpuBefore = contestant.host.cpuMs();
  const startedAt = performance.now();
  const clients = await inParallel(seats, HANDSHAKES, async (seat) => {
    const from = performance.now();
    const client = await connect(seat);
    latencies.push(performance.now() - from);
    return client;
  });
  const elapsedMs = performance.now() - startedAt;
  const cpu = contestant.host.cpuMs() - cpuBefore;
  return {
    clients,
    storm: {
      perSecond: (seats.length / elapsedMs) * 1_000,
      p50Ms: percentile(latencies, 0.5),
      p99Ms: percentile(latencies, 0.99),
      cpuMicrosPerOp: (cpu / seats.length) * 1_000,
    },
  };
}
