import { spawn, type ChildProcess } from "node:child_process";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { ServerLog } from "./server-log.ts";

export const ROOT = resolve(import.meta.dirname, "..");
// Not the launcher beside it: that one starts a second process, which outlives a signal to the first.
const WRANGLER = join(ROOT, "node_modules", "wrangler", "wrangler-dist", "cli.js");

const READY_WITHIN_MS = 90_000;
const POLL_MS = 100;
const STOP_WITHIN_MS = 5_000;

export interface ServerOptions {
  port: number;
  /** The folder of D1, objects and R2. */
  persistTo: string;
  /** Gets the lines that a developer must see. */
  show: (line: string) => void;
}

/** The Worker on this machine: `wrangler dev` as a child process, in a group of its own. */
export class LocalServer {
  /** Address for programs and people, without a slash at its end. */
  readonly origin: string;
  readonly log: ServerLog;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;

  private constructor(child: ChildProcess, origin: string, log: ServerLog) {
    this.#child = child;
    this.origin = origin;
    this.log = log;
    this.#ended = new Promise((done) => {
      child.on("close", () => done());
      child.on("error", () => done());
    });
    // However this process ends, the port must not stay taken.
    process.on("exit", () => this.#signal("SIGKILL"));
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on("line", (line) => log.add(line));
    }
  }

  /**
   * Starts the server and waits until it answers.
   * @throws Error with the last lines of its log when it ends, cannot be built, or does not answer within 90 seconds
   */
  static async start({ port, persistTo, show }: ServerOptions): Promise<LocalServer> {
    const origin = `http://localhost:${port}`;
    const child = spawn(process.execPath, [WRANGLER, ...wranglerArguments(port, persistTo, origin)], {
      cwd: ROOT,
      env: { ...process.env, ...QUIET },
      stdio: ["ignore", "pipe", "pipe"],
      // Ctrl-C in a terminal reaches whole groups; this child is ended by us, in order.
      detached: process.platform !== "win32",
    });
    const server = new LocalServer(child, origin, new ServerLog(show));
    try {
      await server.#untilReady();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** Resolves when the server has ended, for whatever reason. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** Ends the server and everything that it started. */
  async stop(): Promise<void> {
    this.log.mute();
    this.#signal("SIGINT");
    const patience = setTimeout(() => this.#signal("SIGKILL"), STOP_WITHIN_MS);
    await this.#ended;
    clearTimeout(patience);
  }

  /** Runs what the platform runs by the clock: locally nobody does. @throws Error when the handler fails */
  async runCron(cron: string): Promise<void> {
    const expression = cron.replaceAll(" ", "+");
    const response = await fetch(`${this.origin}/cdn-cgi/handler/scheduled?cron=${expression}&format=json`);
    const answer = await response.text();
    if (!response.ok || !answer.includes('"ok"')) throw new Error(`Cron ${cron} failed: ${answer.slice(0, 200)}`);
  }

  async #untilReady(): Promise<void> {
    const deadline = Date.now() + READY_WITHIN_MS;
    let ended = false;
    void this.#ended.then(() => {
      ended = true;
    });
    while (Date.now() < deadline) {
      if (ended) throw this.#failure("The server ended while it started.");
      const tail = this.log.tail(20);
      if (tail.some((line) => line.includes("Build failed"))) throw this.#failure("The Worker cannot be built.");
      if (await answers(`${this.origin}/health`)) return;
      await new Promise((resume) => setTimeout(resume, POLL_MS));
    }
    throw this.#failure(`The server did not answer within ${READY_WITHIN_MS / 1_000} seconds.`);
  }

  #failure(reason: string): Error {
    return new Error([reason, "Its last lines:", ...this.log.tail(30).map((line) => `  ${line}`)].join("\n"));
  }

  #signal(signal: "SIGINT" | "SIGKILL"): void {
    const { pid } = this.#child;
    if (pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    // The last resort takes the runtime along, which would otherwise keep the port.
    if (signal === "SIGKILL" && process.platform !== "win32") process.kill(-pid, signal);
    else this.#child.kill(signal);
  }
}

const QUIET = {
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_WRITE_LOGS: "false",
  // Nothing of the local server talks to the network.
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
};

function wranglerArguments(port: number, persistTo: string, origin: string): string[] {
  const settings = {
    APP_URL: origin,
    ALLOWED_ORIGINS: `${origin},http://127.0.0.1:${port}`,
  };
  return [
    "dev",
    "--env=",
    "--ip=127.0.0.1",
    `--port=${port}`,
    "--inspector-port=0",
    `--persist-to=${persistTo}`,
    "--show-interactive-dev-session=false",
    ...Object.entries(settings).flatMap(([name, value]) => ["--var", `${name}:${value}`]),
  ];
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(5_000) })).ok;
  } catch {
    // Not listening yet.
    return false;
  }
}

/** Whether nobody listens on `port` of this machine. */
export async function isPortFree(port: number): Promise<boolean> {
  for (const host of ["127.0.0.1", "::1"]) {
    const code = await tryToListen(port, host);
    if (code === "EADDRINUSE" || code === "EACCES") return false;
  }
  return true;
}

/** A port that nobody used a moment ago. */
export async function findFreePort(): Promise<number> {
  return new Promise((found, failed) => {
    const probe = createServer();
    probe.on("error", failed);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      probe.close(() => found(port));
    });
  });
}

// A machine without IPv6 answers with another code, which does not concern us.
function tryToListen(port: number, host: string): Promise<string | null> {
  return new Promise((done) => {
    const probe = createServer();
    probe.on("error", (error: NodeJS.ErrnoException) => done(error.code ?? "unknown"));
    probe.listen(port, host, () => probe.close(() => done(null)));
  });
}
