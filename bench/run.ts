import { parseArgs } from "node:util";
import { renderReport, type ScenarioReport } from "./report.ts";
import { Session, type Scenario } from "./session.ts";
import { removeAllFolders } from "./storage.ts";

const SCENARIOS: Record<string, { what: string; load: () => Promise<Scenario> }> = {
  command: {
    what: "the full command against a bare object and a Node server: throughput, latency, CPU; disk and tmpfs",
    load: async () => (await import("./scenarios/command.ts")).command,
  },
  batch: {
    what: "32 commands in one frame against lone messages, and what a lone message feels of them",
    load: async () => (await import("./scenarios/batch.ts")).batch,
  },
  reconnect: {
    what: "connect storm of 500 couples, and everybody coming back after eviction",
    load: async () => (await import("./scenarios/reconnect.ts")).reconnect,
  },
  memory: {
    what: "resident memory per idle couple with two sleeping sockets",
    load: async () => (await import("./scenarios/memory.ts")).memory,
  },
  dashboard: {
    what: "the dashboard with a year of history, kept and computed anew, over REST and sockets",
    load: async () => (await import("./scenarios/dashboard.ts")).dashboard,
  },
  history: {
    what: "commands and dashboard of a new couple and of one with a year of history",
    load: async () => (await import("./scenarios/history.ts")).history,
  },
  decade: {
    what: "commands and dashboard of a new couple and of one with ten years of history, with the aim of 1.5x",
    load: async () => (await import("./scenarios/decade.ts")).decade,
  },
  flush: {
    what: "flush of 1,000 sleeping objects: D1 calls, rows, time, growth of D1",
    load: async () => (await import("./scenarios/flush.ts")).flush,
  },
  startup: {
    what: "time to load the script, and its size",
    load: async () => (await import("./scenarios/startup.ts")).startup,
  },
  profile: {
    what: "where the script spends a command's time (only when named)",
    load: async () => (await import("./scenarios/profile.ts")).profile,
  },
};

/** A tool for whoever wants to make it faster; it measures no aim. */
const ON_DEMAND = "profile";

const USAGE = `Usage: npm run bench -- [options]

Runs the benchmarks and prints what was measured beside the project's aims. Linux only. A missed aim is reported, never
a failure: numbers depend on the machine, which is why contestants take turns in one run and ratios are what counts.

Options
  --only NAME    one scenario; may be repeated
  --quick        fewer and shorter rounds: shows the size of things, not the last ten percent
  --json         one JSON object on stdout instead of tables; progress stays on stderr
  --help         this text

Scenarios
${Object.entries(SCENARIOS)
  .map(([name, { what }]) => `  ${name.padEnd(10)} ${what}`)
  .join("\n")}
`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: "string", multiple: true },
      quick: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const names = values.only ?? Object.keys(SCENARIOS).filter((name) => name !== ON_DEMAND);
  const unknown = names.find((name) => !Object.hasOwn(SCENARIOS, name));
  if (unknown !== undefined) {
    process.stderr.write(`There is no scenario "${unknown}".\n\n${USAGE}`);
    return 2;
  }
  if (process.platform !== "linux") {
    process.stderr.write("The benchmarks read CPU and memory of processes from /proc, which only Linux has.\n");
    return 2;
  }
  const session = new Session({ quick: values.quick });
  const reports: ScenarioReport[] = [];
  for (const name of names) {
    const scenario = await SCENARIOS[name]?.load();
    const report = await scenario?.(session);
    if (report === undefined) continue;
    reports.push(report);
    if (!values.json) process.stdout.write(`${renderReport(report)}\n`);
  }
  const aims = reports.flatMap((report) => report.aims);
  const met = aims.filter((aim) => aim.met === true).length;
  if (values.json)
    process.stdout.write(`${JSON.stringify({ quick: values.quick, aimsMet: met, aims: aims.length, reports })}\n`);
  else process.stdout.write(`${met} of ${aims.length} aims met\n`);
  return 0;
}

process.on("exit", removeAllFolders);
process.on("SIGINT", () => process.exit(130));
process.on("SIGTERM", () => process.exit(143));

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
}
