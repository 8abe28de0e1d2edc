import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";

/** One node of a V8 CPU profile. https://chromedevtools.github.io/devtools-protocol/tot/Profiler/ */
export interface ProfileNode {
  id: number;
  callFrame: { functionName: string; url: string; lineNumber: number };
  children?: number[];
}

export interface CpuProfile {
  nodes: ProfileNode[];
  samples: number[];
  /** Microseconds since the sample before. */
  timeDeltas: number[];
}

/** A connection to the inspector of a Worker's isolate. */
class Inspector {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (result: unknown) => void>();
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data) => {
      const { id, result } = JSON.parse(data.toString("utf8")) as { id?: number; result?: unknown };
      if (id !== undefined) this.#waiting.get(id)?.(result);
    });
  }

  static async open(url: URL): Promise<Inspector> {
    return new Promise((done, failed) => {
      const socket = new WebSocket(url, []);
      socket.on("error", failed);
      socket.on("open", () => done(new Inspector(socket)));
    });
  }

  async send(method: string, params: object = {}): Promise<unknown> {
    const id = ++this.#lastId;
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, resolve);
    this.#socket.send(JSON.stringify({ id, method, params }));
    const result = await promise;
    this.#waiting.delete(id);
    return result;
  }

  close(): void {
    this.#socket.close();
  }
}

async function targetUrl(url: URL): Promise<URL> {
  const list = await fetch(new URL("/json/list", url.href.replace("ws:", "http:")));
  const targets = (await list.json()) as { id: string; webSocketDebuggerUrl: string }[];
  const target = targets.find(({ id }) => id.includes("bench")) ?? targets[0];
  if (target === undefined) throw new Error("The inspector knows no Worker");
  return new URL(target.webSocketDebuggerUrl);
}

/**
 * Makes the isolate free what nobody refers to, so that memory readings compare. The runtime collects when the isolate
 * next runs, so that `workerUrl` is asked for something until it has.
 */
export async function collectGarbage(inspectorUrl: URL, workerUrl: URL): Promise<void> {
  const inspector = await Inspector.open(await targetUrl(inspectorUrl));
  let collected = false;
  const collection = inspector.send("HeapProfiler.collectGarbage").then(() => {
    collected = true;
  });
  while (!collected) {
    await (await fetch(new URL("/awake", workerUrl))).text();
    await sleep(50);
  }
  await collection;
  inspector.close();
}

/** Where the isolate spends its time while `body` runs. */
export async function profile(inspectorUrl: URL, body: () => Promise<void>): Promise<CpuProfile> {
  const inspector = await Inspector.open(await targetUrl(inspectorUrl));
  await inspector.send("Profiler.enable");
  await inspector.send("Profiler.setSamplingInterval", { interval: 100 });
  await inspector.send("Profiler.start");
  await body();
  const stopped = (await inspector.send("Profiler.stop")) as { profile: CpuProfile };
  inspector.close();
  return stopped.profile;
}
