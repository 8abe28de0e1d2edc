import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { migrate, seed } from "./db.ts";
import { couple } from "./demo/couple.ts";
import { life } from "./demo/life.ts";
import { playAct, type Act, type ActReport, type StepReport } from "./demo/stage.ts";
import { ranOnProjectNode } from "./project-node.ts";
import { findFreePort, LocalServer, ROOT } from "./server.ts";

/** In the order in which they are played. */
const ACTS: readonly Act[] = [couple, life];

const USAGE = `Usage: npm run demo -- [options]

Starts a server of its own on a free port with an empty database, plays what people do with it through the public API,
and checks every answer. Ends with exit code 1 at the first thing that is not as it should be.

Options
  --act NAME   play one act only; acts: ${ACTS.map(({ name }) => name).join(", ")}
  --json       print one JSON object {ok, acts: [{name, ok, steps: [{name, ok, ms}]}]} and nothing else
  --keep       keep the server's data, and say where it is
  --help       this text
`;

const LOG_LINES_AFTER_FAILURE = 25;

/** A mistake of the caller: printed without a stack. */
class Refusal extends Error {}

interface Options {
  acts: readonly Act[];
  json: boolean;
  keep: boolean;
}

function parse(args: string[]): Options | "help" {
  const options = {
    act: { type: "string" },
    json: { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  } as const;
  let values;
  try {
    ({ values } = parseArgs({ args, options }));
  } catch (error) {
    throw new Refusal(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
  if (values.help) return "help";
  const acts = values.act === undefined ? ACTS : ACTS.filter(({ name }) => name === values.act);
  if (acts.length === 0) throw new Refusal(`There is no act ${values.act}.\n\n${USAGE}`);
  return { acts, json: values.json, keep: values.keep };
}

function complain(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function main(args: string[]): Promise<void> {
  const options = parse(args);
  if (options === "help") {
    process.stdout.write(USAGE);
    return;
  }
  const { acts, json, keep } = options;
  const say = (text: string): void => {
    if (!json) process.stdout.write(`${text}\n`);
  };
  const persistTo = mkdtempSync(join(tmpdir(), "better-together-demo-"));
  let server: LocalServer | undefined;
  const cleanUp = async (): Promise<void> => {
    await server?.stop();
    if (keep) complain(`The data is kept in ${persistTo}`);
    else rmSync(persistTo, { recursive: true, force: true });
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => void cleanUp().finally(() => process.exit(1)));
  }
  try {
    server = await open(persistTo, say);
    const reports = await playAll(acts, server, persistTo, say);
    const ok = reports.length === acts.length && reports.every((report) => report.ok);
    if (json) process.stdout.write(`${JSON.stringify({ ok, acts: reports })}\n`);
    if (!ok) process.exitCode = 1;
  } finally {
    await cleanUp();
  }
}

async function open(persistTo: string, say: (text: string) => void): Promise<LocalServer> {
  const startedAt = performance.now();
  // The Worker refuses to start without the folder of its pages; this demo looks at none.
  if (!existsSync(join(ROOT, "dist"))) mkdirSync(join(ROOT, "dist"));
  await migrate({ env: "local", persistTo });
  await seed({ env: "local", persistTo }, Date.now());
  const server = await LocalServer.start({ port: await findFreePort(), persistTo, show: complain });
  say(`A server of its own at ${server.origin}, ready after ${Math.round(performance.now() - startedAt)} ms`);
  return server;
}

async function playAll(
  acts: readonly Act[],
  server: LocalServer,
  persistTo: string,
  say: (text: string) => void,
): Promise<ActReport[]> {
  const reports: ActReport[] = [];
  const onStep = ({ name, ok, ms }: StepReport): void =>
    say(`  ${ok ? "ok  " : "FAIL"} ${String(ms).padStart(6)} ms  ${name}`);
  for (const act of acts) {
    say(`\n${act.title} (${act.name})`);
    const { report, failure } = await playAct(act, { origin: server.origin, persistTo }, onStep);
    reports.push(report);
    if (failure !== null) {
      complain(
        `\n${act.name}: ${report.steps.at(-1)?.name ?? "before the first step"}\n${failure.stack ?? failure.message}`,
      );
      complain(["\nThe server's last lines:", ...server.log.tail(LOG_LINES_AFTER_FAILURE)].join("\n  "));
      break;
    }
    say(`  ${report.steps.length} steps, all as they should be`);
  }
  return reports;
}

if (!(await ranOnProjectNode(import.meta.filename))) {
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    complain(error instanceof Refusal ? error.message : String(error));
    process.exitCode = 1;
  }
}
