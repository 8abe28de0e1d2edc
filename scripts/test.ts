import { spawn } from "node:child_process";
import { join } from "node:path";
import { ranOnProjectNode } from "./project-node.ts";
import { ROOT } from "./server.ts";

const VITEST = join(ROOT, "node_modules", "vitest", "vitest.mjs");
const HALVES = ["--shard=1/2", "--shard=2/2"];
/** The slowest file takes half of this on a busy machine. */
const SILENT_MAX_MS = 120_000;
const TRIES = 4;
const LOOK_EVERY_MS = 5_000;

const USAGE = `Usage: npm test [-- FILE... | -- vitest options]

Runs the whole suite as two halves side by side, one runtime each. With arguments it runs vitest once, with those.
A run that says nothing for two minutes is taken for stuck: it is ended and begun again, up to ${TRIES} tries in all.
`;

interface Run {
  code: number;
  isStuck: boolean;
  output: string;
}

/** One vitest process. @param show whether its output also goes straight to the terminal */
function vitest(args: readonly string[], show: boolean): Promise<Run> {
  return new Promise((done) => {
    // A group of its own, so that its runtime ends with it.
    const child = spawn(process.execPath, [VITEST, "run", ...args], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const end = (): void => {
      const isOver = child.exitCode !== null || child.signalCode !== null;
      if (child.pid !== undefined && !isOver) process.kill(-child.pid, "SIGKILL");
    };
    process.once("exit", end);
    const chunks: Buffer[] = [];
    let heardAt = Date.now();
    let isStuck = false;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        heardAt = Date.now();
        chunks.push(chunk);
        if (show) process.stdout.write(chunk);
      });
    }
    const watch = setInterval(() => {
      if (Date.now() - heardAt < SILENT_MAX_MS) return;
      isStuck = true;
      end();
    }, LOOK_EVERY_MS);
    const finish = (code: number, output: string): void => {
      clearInterval(watch);
      process.off("exit", end);
      done({ code, isStuck, output });
    };
    child.on("error", (error) => finish(1, `vitest cannot be started: ${error.message}\n`));
    child.on("close", (code) => finish(code ?? 1, Buffer.concat(chunks).toString()));
  });
}

/** Whoever is stuck gets another try; a failure does not. */
async function patiently(args: readonly string[], show: boolean): Promise<Run> {
  for (let tries = 1; ; tries++) {
    const run = await vitest(args, show);
    if (!run.isStuck || tries === TRIES) return run;
    process.stderr.write(`vitest ${args.join(" ")} said nothing for two minutes and begins again.\n`);
  }
}

async function main(args: string[]): Promise<number> {
  if (args.includes("--help")) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (args.length > 0) return (await patiently(args, true)).code;
  const runs = HALVES.map((half, index) => patiently([half], index === 0));
  let worst = 0;
  for (const [index, run] of runs.entries()) {
    const { code, output } = await run;
    if (index > 0) process.stdout.write(output);
    worst = Math.max(worst, code);
  }
  return worst;
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));

if (!(await ranOnProjectNode(import.meta.filename))) process.exitCode = await main(process.argv.slice(2));
