import { startBare, startProduct, withContestants, type ObjectContestant } from "../contestants.ts";
import { collectGarbage } from "../inspector.ts";
import { judge, type ScenarioReport } from "../report.ts";
import type { Session } from "../session.ts";
import { inParallel, median } from "../statistics.ts";
import { quietStorage } from "../storage.ts";

/** Code, caches and the first pages of the heap are paid once and not by couples. */
const WARM_UP_COUPLES = 50;

interface Sample {
  asleep: number[];
  awake: number[];
}

/** Resident memory per couple with two sockets: its object asleep, as it is most of the day, and awake. */
export async function memory(session: Session): Promise<ScenarioReport> {
  const couples = session.pick(500, 200);
  const samples = new Map<string, Sample>();
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
          const sample = samples.get(contestant.label) ?? { asleep: [], awake: [] };
          samples.set(contestant.label, sample);
          await measure(contestant, couples, sample);
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
        columns: ["contestant", "asleep", "awake"],
        rows: [...samples].map(([label, { asleep, awake }]) => [label, median(asleep), median(awake)]),
      },
    ],
    aims: [judge("memory per idle couple: the bare object's", ratio, "<=", 1.1)],
    notes: [
      "An object is put to sleep as soon as its two sockets are connected, so that no peak of many awake ones remains.",
      "Compression is off; browsers ask for it, and it costs several hundred KiB an active couple on top.",
    ],
  };
}

async function measure(contestant: ObjectContestant, count: number, sample: Sample): Promise<void> {
  await connect(contestant, WARM_UP_COUPLES, true);
  const before = await settled(contestant);
  await connect(contestant, count, true);
  const asleep = await settled(contestant);
  await connect(contestant, count, false);
  const awake = await settled(contestant);
  sample.asleep.push((asleep - before) / count);
  sample.awake.push((awake - asleep) / count);
}

async function connect(contestant: ObjectContestant, count: number, sleeps: boolean): Promise<void> {
  // A few at a time, also where making a couple already wakes its object.
  for (let done = 0; done < count; done += 10) {
    const couples = await contestant.prepare(Math.min(10, count - done));
    await inParallel(couples, 4, async (couple) => {
      await couple.connect(0);
      await couple.connect(1);
      if (!sleeps) return;
      await contestant.host.miniflare.unsafeEvictDurableObject("bench", contestant.className, {
        name: couple.objectName,
        webSockets: "hibernate",
      });
    });
  }
}

async function settled({ host }: ObjectContestant): Promise<number> {
  await collectGarbage(await host.miniflare.getInspectorURL(), host.url);
  return host.residentKiB();
}
