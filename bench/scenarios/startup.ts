import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { bundleWorker, ROOT } from "../bundle.ts";
import type { ScenarioReport } from "../report.ts";
import type { Session } from "../session.ts";
import { median } from "../statistics.ts";
import { removeFolder, stateFolder } from "../storage.ts";

/** Our own budget on a developer's machine; the platform's limit is a second. Every waking object loads the script. */
const BUDGET_MS = 100;
const exec = promisify(execFile);

/** What it costs to load the script, and how big it is. */
export async function startup(session: Session): Promise<ScenarioReport> {
  const folder = stateFolder("disk");
  try {
    session.progress("startup: bundle sizes");
    const plain = await bundleWorker("src/index.ts", join(folder, "plain"));
    const minified = await bundleWorker("src/index.ts", join(folder, "minified"), ["--minify"]);
    const runs: { active: number; collecting: number }[] = [];
    for (let run = 1; run <= session.pick(5, 3); run++) {
      session.progress(`startup: profile ${run}`);
      runs.push(await profileStart(join(folder, "start.cpuprofile")));
    }
    const active = median(runs.map((run) => run.active));
    return {
      name: "startup",
      tables: [
        {
          title: "The script",
          columns: ["build", "KiB", "gzip KiB"],
          rows: [
            ["as deployed", plain.totalKiB, plain.gzipKiB],
            ["minified", minified.totalKiB, minified.gzipKiB],
          ],
        },
        {
          title: `Loading it (wrangler check startup, median of ${runs.length})`,
          columns: ["what", "ms"],
          rows: [
            ["active", active],
            ["of it collecting garbage", median(runs.map((run) => run.collecting))],
          ],
        },
      ],
      aims: [
        {
          aim: `active time of loading the script <= ${BUDGET_MS} ms`,
          measured: `${active.toFixed(1)} ms`,
          met: active <= BUDGET_MS,
        },
      ],
      notes: [],
    };
  } finally {
    removeFolder(folder);
  }
}

async function profileStart(outfile: string): Promise<{ active: number; collecting: number }> {
  const wrangler = join(ROOT, "node_modules", "wrangler", "bin", "wrangler.js");
  const args = [wrangler, "check", "startup", "--outfile", outfile, "--args=--env="];
  const env = { ...process.env, WRANGLER_SEND_METRICS: "false", WRANGLER_LOG: "log", CI: "1" };
  const { stdout } = await exec(process.execPath, args, { cwd: ROOT, env });
  const found = /Active: ([\d.]+) ms(?: \(including ([\d.]+) ms)?/.exec(stdout);
  if (found === null) throw new Error(`wrangler check startup said nothing of active time:\n${stdout}`);
  return { active: Number(found[1]), collecting: Number(found[2] ?? 0) };
}
