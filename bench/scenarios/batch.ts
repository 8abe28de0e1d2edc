import { startBare, startProduct, withContestants, type Contestant, type Pair } from "../contestants.ts";
import { batchFrames, commandFrames } from "../frames.ts";
import { judge, times, type Aim, type ScenarioReport, type Table } from "../report.ts";
import { interleave, load, medianOf, ratioOf, type Measurement } from "../rounds.ts";
import type { Session } from "../session.ts";
import { percentile } from "../statistics.ts";
import { storageKinds, type StorageKind } from "../storage.ts";

const BATCH = 32;
const COUPLES = 4;
const NAME = "checkins.submit";

interface Way {
  label: string;
  run: () => Promise<Measurement>;
}

/** Many commands in one frame and one commit, against lone messages; and what a lone message feels of them. */
export async function batch(session: Session): Promise<ScenarioReport> {
  const tables: Table[] = [];
  const aims: Aim[] = [];
  for (const kind of storageKinds()) {
    await withContestants(
      kind,
      async (folder): Promise<Contestant[]> => {
        const product = await startProduct((await session.benchBundle()).modules, folder);
        return [product, await startBare(product.product.compatibilityDate, folder)];
      },
      async ([product, bare]) => {
        if (product === undefined || bare === undefined) return;
        session.progress(`batch: throughput, ${kind}`);
        const throughput = await compareThroughput(session, kind, product, bare);
        tables.push(throughput.table);
        if (kind === "disk") aims.push(throughput.aim);
        session.progress(`batch: lone messages beside batches, ${kind}`);
        tables.push(await loneBesideBatches(session, kind, await product.pairs(2)));
      },
    );
  }
  const notes = ["Lone messages: 32 on the way per couple. Batches: two frames of 32 commands on the way per couple."];
  return { name: "batch", tables, aims, notes };
}

async function compareThroughput(
  session: Session,
  kind: StorageKind,
  product: Contestant,
  bare: Contestant,
): Promise<{ table: Table; aim: Aim }> {
  const lone = kind === "disk" ? session.pick(240, 60) : session.pick(1_200, 300);
  const [ours, theirs] = [await product.pairs(COUPLES), await bare.pairs(COUPLES)];
  const batches: Way = {
    label: `product, ${BATCH} a frame`,
    run: () => load(product, ours, 2, () => batchFrames(NAME, Math.ceil(lone / BATCH) * 2, BATCH), BATCH),
  };
  const alone: Way = {
    label: "product, lone messages",
    run: () => load(product, ours, 32, () => commandFrames(NAME, lone)),
  };
  const bareAlone: Way = {
    label: "bare object, lone messages",
    run: () => load(bare, theirs, 32, () => commandFrames(NAME, lone)),
  };
  const ways = [batches, alone, bareAlone];
  const results = await interleave(ways, session.pick(5, 3), (way) => way.run());
  const against = results.get(bareAlone);
  const ratio = (way: Way): number => ratioOf(results.get(way), against, (m) => m.perSecond);
  const rows = ways.map((way) => [
    way.label,
    medianOf(results.get(way), (m) => m.perSecond),
    medianOf(results.get(way), (m) => m.cpuMicrosPerOp),
    times(ratio(way)),
  ]);
  return {
    table: { title: `Commands, state on ${kind}`, columns: ["way", "per s", "CPU us/op", "of bare"], rows },
    aim: judge(`${BATCH} commands in a frame on disk: the bare object's throughput`, ratio(batches), ">=", 5),
  };
}

/** A lone message every time the one before was answered, on a quiet couple, beside a busy one, and in the busy one. */
async function loneBesideBatches(session: Session, kind: StorageKind, pairs: Pair[]): Promise<Table> {
  const [busy, other] = pairs;
  if (busy === undefined || other === undefined) throw new Error("Two couples are needed");
  const count = session.pick(200, 60);
  const ask = (who: Pair[number]): Promise<number[]> => who.pump(commandFrames(NAME, count), 1);
  const beside = async (who: Pair[number]): Promise<number[]> => {
    let done = false;
    const batches = (async () => {
      while (!done) await busy[0].pump(batchFrames(NAME, 1, BATCH), 1);
    })();
    const latencies = await ask(who);
    done = true;
    await batches;
    return latencies;
  };
  const cases: [string, () => Promise<number[]>][] = [
    ["nothing else", () => ask(other[0])],
    ["batches of another couple", () => beside(other[0])],
    ["batches of the partner", () => beside(busy[1])],
  ];
  const results = await interleave(cases, session.pick(5, 2), ([, run]) => run());
  const rows = cases.map((one) => {
    const all = (results.get(one) ?? []).flat();
    return [one[0], percentile(all, 0.5), percentile(all, 0.99)];
  });
  return { title: `A lone message while there is, state on ${kind}`, columns: ["beside it", "p50 ms", "p99 ms"], rows };
}
