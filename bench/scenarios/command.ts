import {
  startBare,
  startNodeServer,
  startProduct,
  withContestants,
  type Contestant,
  type Pair,
} from "../contestants.ts";
import { commandFrames, MEASURED_COMMANDS, type MeasuredCommand } from "../frames.ts";
import { judge, percent, type Aim, type ScenarioReport, type Table } from "../report.ts";
import { interleave, load, medianOf, ratioOf, type Measurement } from "../rounds.ts";
import type { Session } from "../session.ts";
import { storageKinds, type StorageKind } from "../storage.ts";

interface Shape {
  couples: number;
  depth: number;
}

const PIPELINED: Shape = { couples: 4, depth: 32 };
const SHAPES: readonly Shape[] = [{ couples: 1, depth: 1 }, { couples: 16, depth: 1 }, PIPELINED];
const COLUMNS = [
  "command",
  "sockets x depth",
  "contestant",
  "per s",
  "p50 ms",
  "p99 ms",
  "CPU us/op",
  "of bare",
  "CPU of bare",
];

/** The full command (validated, idempotent, persisted, counted, broadcast) beside a bare object and a Node server. */
export async function command(session: Session): Promise<ScenarioReport> {
  const tables: Table[] = [];
  const aims: Aim[] = [];
  for (const kind of storageKinds()) {
    const table: Table = { title: `One command a frame, state on ${kind}`, columns: COLUMNS, rows: [] };
    await withContestants(
      kind,
      (folder) => startAll(session, folder),
      async (contestants) => {
        const pairs = new Map(
          await Promise.all(contestants.map(async (one): Promise<[Contestant, Pair[]]> => [one, await one.pairs(16)])),
        );
        for (const name of MEASURED_COMMANDS) {
          for (const shape of SHAPES) {
            session.progress(`command: ${name}, ${kind}, ${shape.couples} x ${shape.depth}`);
            const frames = framesPerSocket(session, kind, shape);
            const results = await interleave(contestants, session.pick(5, 3), (contestant) =>
              load(contestant, (pairs.get(contestant) ?? []).slice(0, shape.couples), shape.depth, () =>
                commandFrames(name, frames),
              ),
            );
            addRows(table, name, shape, contestants, results);
            if (shape === PIPELINED) aims.push(...judged(kind, name, contestants, results));
          }
        }
      },
    );
    tables.push(table);
  }
  return {
    name: "command",
    tables,
    aims,
    notes: [
      "Both partners are connected; an operation is done when the sender has the result and the partner the news.",
      "Aims are judged with 4 couples and 32 messages on the way each. Ratios are medians of ratios within a round.",
      "On disk one sync a message stalls the whole process, whoever wrote the code; on tmpfs the code shows.",
    ],
  };
}

async function startAll(session: Session, folder: string): Promise<Contestant[]> {
  const { modules } = await session.benchBundle();
  const product = await startProduct(modules, folder);
  return [product, await startBare(product.product.compatibilityDate, folder), await startNodeServer(folder)];
}

function framesPerSocket(session: Session, kind: StorageKind, shape: Shape): number {
  const total = kind === "disk" ? session.pick(960, 240) : session.pick(4_800, 1_200);
  return Math.max(1, Math.round(total / (shape.depth === 1 && shape.couples === 1 ? 3 : 1) / shape.couples));
}

function addRows(
  table: Table,
  name: MeasuredCommand,
  shape: Shape,
  contestants: readonly Contestant[],
  results: Map<Contestant, Measurement[]>,
): void {
  const bare = results.get(contestants[1] as Contestant);
  for (const contestant of contestants) {
    const rounds = results.get(contestant);
    table.rows.push([
      name,
      `${shape.couples} x ${shape.depth}`,
      contestant.label,
      medianOf(rounds, (m) => m.perSecond),
      medianOf(rounds, (m) => m.p50Ms),
      medianOf(rounds, (m) => m.p99Ms),
      medianOf(rounds, (m) => m.cpuMicrosPerOp),
      percent(ratioOf(rounds, bare, (m) => m.perSecond)),
      percent(ratioOf(rounds, bare, (m) => m.cpuMicrosPerOp)),
    ]);
  }
}

function judged(
  kind: StorageKind,
  name: MeasuredCommand,
  [product, bare]: readonly Contestant[],
  results: Map<Contestant, Measurement[]>,
): Aim[] {
  const ours = product === undefined ? [] : results.get(product);
  const theirs = bare === undefined ? [] : results.get(bare);
  const throughput = ratioOf(ours, theirs, (m) => m.perSecond);
  if (kind === "disk")
    return [judge(`${name} on disk: throughput of the bare object's`, throughput, ">=", 0.85, percent)];
  const cpu = ratioOf(ours, theirs, (m) => m.cpuMicrosPerOp);
  return [
    judge(`${name} on tmpfs: throughput of the bare object's`, throughput, ">=", 0.7, percent),
    judge(`${name} on tmpfs: CPU of the bare object's`, cpu, "<=", 1.4),
  ];
}
