import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { build } from "vite";
import { DEMO_EMAILS, DEMO_PASSWORD } from "../src/lib/demo-couple.ts";
import { migrate, seed } from "./db.ts";
import { readLocalD1 } from "./local-d1.ts";
import { ranOnProjectNode } from "./project-node.ts";
import { seedDemo } from "./seed-demo.ts";
import { isPortFree, LocalServer, ROOT } from "./server.ts";

const DEFAULT_PORT = 8787;
const USAGE = `Usage: npm start -- [options]

Starts everything on this machine: the pages, the Worker, D1, objects and R2. An empty database gets the catalogues and
a demo couple with a month of history; a second start keeps the data.

Options
  --port PORT   where to listen (default ${DEFAULT_PORT})
  --fresh       delete the local data first
  --help        this text
`;

const SWEEP_CRON = "*/5 * * * *";
const SWEEP_EVERY_MS = 60_000;

/** A mistake of the caller or of their machine: printed without a stack. */
class Refusal extends Error {}

interface Options {
  port: number;
  fresh: boolean;
}

function parse(args: string[]): Options | "help" {
  const options = {
    port: { type: "string", default: String(DEFAULT_PORT) },
    fresh: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  } as const;
  let values;
  try {
    ({ values } = parseArgs({ args, options }));
  } catch (error) {
    throw new Refusal(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
  if (values.help) return "help";
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Refusal("--port must be a number from 1 to 65535.");
  }
  return { port, fresh: values.fresh };
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function timed(what: string, work: () => Promise<unknown>): Promise<void> {
  const startedAt = performance.now();
  await work();
  say(`  ${what.padEnd(44)} ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
}

async function buildPages(): Promise<void> {
  // The Worker refuses to start without the folder that it serves.
  mkdirSync(join(ROOT, "dist"), { recursive: true });
  await build({ configFile: join(ROOT, "vite.config.ts"), logLevel: "warn" });
}

async function prepareData(persistTo: string): Promise<void> {
  await migrate({ env: "local", persistTo });
  await seed({ env: "local", persistTo }, Date.now());
}

/** Empty, or with a demo couple whose seed was interrupted: then the couple is made, or made whole. */
function needsDemo(persistTo: string): boolean {
  const { people, couple } = readLocalD1(persistTo, (database) => {
    const row = database
      .prepare("SELECT count(*) AS people, count(*) FILTER (WHERE email = ?) AS couple FROM users")
      .get(DEMO_EMAILS.ada);
    return { people: Number(row?.["people"]), couple: Number(row?.["couple"]) };
  });
  return people === 0 || (couple === 1 && !existsSync(markerOf(persistTo)));
}

// Written when the month is complete.
function markerOf(persistTo: string): string {
  return join(persistTo, "demo-couple.json");
}

async function makeDemo(server: LocalServer, persistTo: string): Promise<void> {
  const startedAt = performance.now();
  const line = (text: string): void => {
    if (process.stdout.isTTY) process.stdout.write(`\r\u001b[2K  ${text}`);
  };
  const report = await seedDemo(server.origin, Date.now(), (share) => {
    line(`demo couple: a month of history ${String(Math.floor(share * 100)).padStart(3)} %`);
  });
  line("");
  writeFileSync(markerOf(persistTo), `${JSON.stringify(report)}\n`);
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  const what = `demo couple: ${report.commands} commands of a month`;
  process.stdout.write(`${process.stdout.isTTY ? "\r" : ""}  ${what.padEnd(44)} ${seconds} s\n`);
}

function summary(origin: string, persistTo: string): string {
  const folder = relative(process.cwd(), persistTo) || ".";
  return `
Better Together is running.

  Both partners, live   ${origin}/
  API reference         ${origin}/reference/
  Local mailbox         ${origin}/dev/mailbox

  Sign in as            ${DEMO_EMAILS.ada} or ${DEMO_EMAILS.grace}
  Password              ${DEMO_PASSWORD}
  Data                  ${folder} (npm start -- --fresh begins anew)

Ctrl-C stops.
`;
}

// The platform's clock does not tick here. A slot that was worked off already costs one query.
function sweepEveryMinute(server: LocalServer): NodeJS.Timeout {
  const sweep = async (): Promise<void> => {
    try {
      await server.runCron(SWEEP_CRON);
    } catch (error) {
      process.stderr.write(`The sweep did not run: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  };
  void sweep();
  return setInterval(() => void sweep(), SWEEP_EVERY_MS);
}

async function main(args: string[]): Promise<void> {
  const options = parse(args);
  if (options === "help") return say(USAGE.trimEnd());
  const { port, fresh } = options;
  const persistTo = resolve(ROOT, ".wrangler", "state");
  if (!(await isPortFree(port))) {
    throw new Refusal(`Port ${port} is in use; choose another one: npm start -- --port ${port + 1}`);
  }
  if (fresh) rmSync(persistTo, { recursive: true, force: true });
  say("Better Together");
  await timed("pages", buildPages);
  await timed("database: migrations and catalogues", () => prepareData(persistTo));
  const stopping = untilStopped();
  let server: LocalServer | undefined;
  await timed("server", async () => {
    server = await LocalServer.start({ port, persistTo, show: (line) => process.stderr.write(`${line}\n`) });
  });
  if (server !== undefined) await serve(server, persistTo, stopping);
}

async function serve(server: LocalServer, persistTo: string, stopping: Promise<void>): Promise<void> {
  let sweeping: NodeJS.Timeout | undefined;
  const working = (async () => {
    if (needsDemo(persistTo)) await makeDemo(server, persistTo);
    sweeping = sweepEveryMinute(server);
    say(summary(server.origin, persistTo));
    await server.ended;
    throw new Refusal(["The server ended by itself.", ...server.log.tail(20)].join("\n"));
  })();
  try {
    await Promise.race([working, stopping]);
  } finally {
    clearInterval(sweeping);
    await server.stop();
    // Whatever was under way loses its server now.
    working.catch(() => undefined);
  }
  say("Stopped. The data is kept.");
}

/** Resolves with the first signal to stop. More of them change nothing: stopping takes seconds at most. */
function untilStopped(): Promise<void> {
  return new Promise((stop) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop());
  });
}

if (!(await ranOnProjectNode(import.meta.filename))) {
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(error instanceof Refusal ? `${error.message}\n` : `${String(error)}\n`);
    process.exitCode = 1;
  }
}
