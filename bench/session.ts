import { join } from "node:path";
import { bundleWorker, ROOT, type Bundle } from "./bundle.ts";
import type { ScenarioReport } from "./report.ts";

export interface SessionOptions {
  /** Fewer and shorter rounds, for whoever develops. */
  quick: boolean;
}

/** One run of the benchmarks: its options, and what scenarios share. */
export class Session {
  readonly quick: boolean;
  #benchBundle: Promise<Bundle> | undefined;

  constructor(options: SessionOptions) {
    this.quick = options.quick;
  }

  /** `full` in a real run, `quick` under --quick. */
  pick<T>(full: T, quick: T): T {
    return this.quick ? quick : full;
  }

  progress(text: string): void {
    process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
  }

  /** The product with the benchmarks' own routes, built once. */
  async benchBundle(): Promise<Bundle> {
    this.#benchBundle ??= bundleWorker("bench/worker.ts", join(ROOT, ".wrangler", "bench", "bundle"));
    return this.#benchBundle;
  }
}

export type Scenario = (session: Session) => Promise<ScenarioReport>;
