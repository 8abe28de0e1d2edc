import { spawn } from "node:child_process";
import { join } from "node:path";
import { ranOnProjectNode } from "./project-node.ts";
import { ROOT } from "./server.ts";

const VITEST = join(ROOT, "node_modules", "vitest", "vitest.mjs");
const SHARDS = 2;

const USAGE = `Usage: npm test [-- FILE... | -- vitest options]

Runs the whole suite as ${SHARDS} shards side by side, one runtime each. With arguments it runs vitest once, with those.
`;

/** One vitest process. @param show whether its output goes straight to the terminal; else it is kept and returned */
function vitest(args: string[], show: boolean): Promise<{ code: number; output: string }> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [VITEST, "run", ...args], {
      cwd: ROOT,
      stdio: ["ignore", show ? "inherit" : "pipe", show ? "inherit" : "pipe"],
    });
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", (error) => done({ code: 1, output: error.message }));
    child.on("close", (code) => done({ code: code ?? 1, output: Buffer.concat(chunks).toString() }));
  });
}

/** Whole files share a runtime, and one runtime uses one core. @returns the exit code */
async function main(args: string[]): Promise<number> {
  if (args.includes("--help")) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (args.length > 0) return (await vitest(args, true)).code;
  const runs = Array.from({ length: SHARDS }, (_, index) => vitest([`--shard=${index + 1}/${SHARDS}`], index === 0));
  let worst = 0;
  for (const run of runs) {
    const { code, output } = await run;
    process.stdout.write(output);
    worst = Math.max(worst, code);
  }
  return worst;
}

if (!(await ranOnProjectNode(import.meta.filename))) process.exitCode = await main(process.argv.slice(2));
