import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { transformWithOxc } from "vite";

export const ROOT = resolve(import.meta.dirname, "..");
const WRANGLER = join(ROOT, "node_modules", "wrangler", "bin", "wrangler.js");
const exec = promisify(execFile);

export interface WorkerModule {
  type: "ESModule" | "Text";
  path: string;
  contents: string;
}

export interface Bundle {
  modules: WorkerModule[];
  /** What wrangler says it would upload, in KiB. */
  totalKiB: number;
  gzipKiB: number;
}

/** Bundles `entry` with the project's own configuration, exactly as a deploy would, into `outdir`. */
export async function bundleWorker(entry: string, outdir: string, flags: readonly string[] = []): Promise<Bundle> {
  const args = [WRANGLER, "deploy", entry, "--dry-run", "--env", "", "--outdir", outdir, ...flags];
  const env = { ...process.env, WRANGLER_SEND_METRICS: "false", WRANGLER_LOG: "log", CI: "1" };
  const { stdout } = await exec(process.execPath, args, { cwd: ROOT, env });
  const size = /Total Upload:\s*([\d.]+) KiB \/ gzip: ([\d.]+) KiB/.exec(stdout);
  const names = readdirSync(outdir).filter((name) => name.endsWith(".js") || name.endsWith(".sql"));
  const modules = names
    .toSorted((a, b) => Number(b.endsWith(".js")) - Number(a.endsWith(".js")))
    .map((name): WorkerModule => ({
      type: name.endsWith(".js") ? "ESModule" : "Text",
      path: name,
      contents: readFileSync(join(outdir, name), "utf8"),
    }));
  return { modules, totalKiB: Number(size?.[1]), gzipKiB: Number(size?.[2]) };
}

/** The bare object has no imports of its own, so that removing its types is all the building it needs. */
export async function bareModules(): Promise<WorkerModule[]> {
  const source = readFileSync(join(import.meta.dirname, "bare-object.ts"), "utf8");
  const { code } = await transformWithOxc(source, "bare-object.ts");
  return [{ type: "ESModule", path: "bare-object.js", contents: code }];
}
