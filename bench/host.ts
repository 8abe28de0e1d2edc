import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare, type V4MiniflareOptions } from "miniflare";
import type { WorkerModule } from "./bundle.ts";
import { childrenNamed, cpuMs, residentKiB } from "./process-usage.ts";

/** A contestant's process. Each has its own, so that its CPU and memory can be told from the others'. */
export interface Host {
  /** Where clients connect: the process's own socket, with nothing in between. */
  url: URL;
  cpuMs(): number;
  residentKiB(): number;
  dispose(): Promise<void>;
}

export interface WorkerdHost extends Host {
  miniflare: Miniflare;
}

export interface WorkerdOptions {
  modules: WorkerModule[];
  stateFolder: string;
  /** Bindings as `wrangler` derives them from the configuration, or by hand. */
  worker: Omit<Extract<V4MiniflareOptions, { modules: unknown }>, "modules">;
  inspector?: boolean;
}

/** Starts workerd on a direct socket: the proxies of `wrangler dev` cost several times what is measured here. */
export async function startWorkerd(options: WorkerdOptions): Promise<WorkerdHost> {
  mkdirSync(options.stateFolder, { recursive: true });
  const before = new Set(childrenNamed("workerd"));
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      ...options.worker,
      name: "bench",
      modules: options.modules,
      resourcePersistencePath: options.stateFolder,
      unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
      logRequests: false,
      cf: false,
      ...(options.inspector === true && { inspectorPort: 0 }),
    }),
  );
  const url = await miniflare.unsafeGetDirectURL();
  const pid = childrenNamed("workerd").find((child) => !before.has(child));
  if (pid === undefined) throw new Error("The runtime's process was not found");
  return {
    url,
    miniflare,
    cpuMs: () => cpuMs(pid),
    residentKiB: () => residentKiB(pid),
    dispose: () => miniflare.dispose(),
  };
}

/** Starts the Node server of `bench/node-server.ts` on a free port. */
export async function startNode(stateFolder: string): Promise<Host> {
  mkdirSync(stateFolder, { recursive: true });
  const script = join(import.meta.dirname, "node-server.ts");
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", script, stateFolder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const port = await new Promise<string>((done, failed) => {
    child.on("error", failed);
    child.on("exit", (code) => failed(new Error(`The Node server ended with ${code}`)));
    child.stdout.setEncoding("utf8").once("data", done);
  });
  const pid = child.pid;
  if (pid === undefined) throw new Error("The Node server has no process");
  return {
    url: new URL(`http://127.0.0.1:${port.trim()}`),
    cpuMs: () => cpuMs(pid),
    residentKiB: () => residentKiB(pid),
    dispose: async () => {
      child.removeAllListeners("exit");
      const ended = new Promise<void>((done) => child.once("exit", () => done()));
      child.kill();
      await ended;
    },
  };
}
