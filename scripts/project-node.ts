import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

const NEEDED_MAJOR = 24;
const PROJECT_NODE = join(resolve(import.meta.dirname, ".."), "node_modules", "node", "bin", "node");

/**
 * Hands a script that was started on an older Node over to the project's own; `npm run` never needs it. Nodes that
 * cannot read TypeScript at all stop before this line.
 * @param script the script's own path
 * @returns whether another process did the work, and this one is over
 */
export async function ranOnProjectNode(script: string): Promise<boolean> {
  if (Number.parseInt(process.versions.node, 10) >= NEEDED_MAJOR) return false;
  if (!existsSync(PROJECT_NODE)) {
    process.stderr.write(`Node ${NEEDED_MAJOR} is needed, this is ${process.versions.node}. Run \`npm ci\` first.\n`);
    process.exitCode = 1;
    return true;
  }
  const child = spawn(PROJECT_NODE, [script, ...process.argv.slice(2)], { stdio: "inherit" });
  // The terminal signals both; the child decides how to end.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void child.kill(signal));
  process.exitCode = await new Promise<number>((done) => {
    child.on("close", (code) => done(code ?? 1));
  });
  return true;
}
