import { setTimeout as sleep } from "node:timers/promises";
import { startBare, startProduct, withContestants, type ObjectContestant } from "../contestants.ts";
import { collectGarbage } from "../inspector.ts";
import { judge, type ScenarioReport } from "../report.ts";
import type { Session } from "../session.ts";
import { inParallel, median } from "../statistics.ts";
import { quietStorage } from "../storage.ts";

/** Code, caches and the first pages of the heap are paid once and not by couples. */
const WARM_UP_COUPLES = 50;
/** The platform puts an object to sleep about ten seconds after its last event. */
const HIBERNATION_MS = 14_000;

/** Resident memory per couple that does nothing: one object and two sockets, asleep. */
export async function memory(session: Session): Promise<ScenarioReport> {
  const couples = session.pick(500, 200);
  const samples = new Map<string, { awake: number[]; asleep: number[] }>();
  for (let round = 1; round <= session.pick(3, 1); round++) {
    await withContestants(
      quietStorage(),
      async (folder): Promise<ObjectContestant[]> => {
        const product = await startProduct((await session.benchBundle()).modules, folder, true);
        return [product, await startBare(product.product.compatibilityDate, folder, true)];
      },
      async (contestants) => {
        for (const contestant of contestants) {
          session.progress(`memory: ${couples} couples, ${contestant.label}, round ${round}`);
          const sample = samples.get(contestant.label) ?? { awake: [], asleep: [] };
          samples.set(contestant.label, sample);
          const { awake, asleep } = await measure(contestant, couples);
          sample.awake.push(awake);
          sample.asleep.push(asleep);
        }
      },
    );
  }
  const [product, bare] = [...samples.values()];
  const ratio = median(product?.asleep ?? []) / median(bare?.asleep ?? []);
  return {
    name: "memory",
    tables: [
      {
        title: `Resident KiB per couple with two sockets, ${couples} couples, after a garbage collection`,
        columns: ["contestant", "just connected", "asleep"],
        rows: [...samples].map(([label, { awake, asleep }]) => [label, median(awake), median(asleep)]),
      },
    ],
    aims: [judge("memory per idle couple: the bare object's", ratio, "<=", 1.1)],
    notes: ["Client compression is off; browsers ask for it, and it costs several hundred KiB a couple on top."],
  };
}

async function measure(contestant: ObjectContestant, count: number): Promise<{ awake: number; asleep: number }> {
  await connectAll(contestant, WARM_UP_COUPLES);
  await sleep(HIBERNATION_MS);
  const before = await settled(contestant);
  await connectAll(contestant, count);
  const awake = await settled(contestant);
  await sleep(HIBERNATION_MS);
  const asleep = await settled(contestant);
  return { awake: (awake - before) / count, asleep: (asleep - before) / count };
}

async function connectAll(contestant: ObjectContestant, count: number): Promise<void> {
  const couples = await contestant.prepare(count);
  await inParallel(couples, 16, async (couple) => [await couple.connect(0), await couple.connect(1)]);
}

async function settled({ host }: ObjectContestant): Promise<number> {
  await collectGarbage(await host.miniflare.getInspectorURL());
  return host.residentKiB();
}
