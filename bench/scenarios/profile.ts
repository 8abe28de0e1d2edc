import { startProduct, withContestants } from "../contestants.ts";
import { commandFrames, MEASURED_COMMANDS } from "../frames.ts";
import { profile as record, type CpuProfile, type ProfileNode } from "../inspector.ts";
import { percent, type ScenarioReport, type Table } from "../report.ts";
import { load } from "../rounds.ts";
import type { Session } from "../session.ts";
import { quietStorage } from "../storage.ts";

const SHOWN = 45;

/** Where the script's share of a command's time goes. Time inside the runtime's own code shows as `(program)`. */
export async function profile(session: Session): Promise<ScenarioReport> {
  const { modules } = await session.benchBundle();
  const tables = await withContestants(
    quietStorage(),
    async (folder) => [await startProduct(modules, folder, true)],
    async ([product]) => {
      if (product === undefined) return [];
      const pairs = await product.pairs(4);
      const shown: Table[] = [];
      for (const name of MEASURED_COMMANDS) {
        session.progress(`profile: ${name}`);
        const count = session.pick(3_000, 1_000);
        await load(product, pairs, 32, () => commandFrames(name, count / 4));
        const recorded = await record(await product.host.miniflare.getInspectorURL(), async () => {
          await load(product, pairs, 32, () => commandFrames(name, count));
        });
        shown.push(tableOf(name, recorded, count * pairs.length));
      }
      return shown;
    },
  );
  return { name: "profile", tables, aims: [], notes: [] };
}

function tableOf(name: string, { nodes, samples, timeDeltas }: CpuProfile, operations: number): Table {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(
    nodes.flatMap((node) => (node.children ?? []).map((child): [number, number] => [child, node.id])),
  );
  const self = new Map<string, number>();
  const total = new Map<string, number>();
  let busy = 0;
  samples.forEach((id, index) => {
    const micros = timeDeltas[index] ?? 0;
    const node = byId.get(id);
    if (node === undefined || node.callFrame.functionName === "(idle)") return;
    busy += micros;
    add(self, labelOf(node), micros);
    const seen = new Set<string>();
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const above = byId.get(at);
      if (above !== undefined) seen.add(labelOf(above));
    }
    for (const label of seen) add(total, label, micros);
  });
  const rows = [...total]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, SHOWN)
    .map(([label, micros]) => [
      label,
      micros / operations,
      (self.get(label) ?? 0) / operations,
      percent(micros / busy),
    ]);
  return {
    title: `${name}: ${(busy / operations).toFixed(0)} us a command`,
    columns: ["function", "total us/op", "self us/op", "share"],
    rows,
  };
}

function labelOf({ callFrame }: ProfileNode): string {
  const name = callFrame.functionName === "" ? "(anonymous)" : callFrame.functionName;
  return callFrame.lineNumber < 0 ? name : `${name}:${callFrame.lineNumber + 1}`;
}

function add(map: Map<string, number>, key: string, value: number): void {
  map.set(key, (map.get(key) ?? 0) + value);
}
