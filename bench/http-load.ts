import { Agent, get } from "node:http";
import { inParallel, percentile } from "./statistics.ts";
import type { Host } from "./host.ts";
import type { Measurement } from "./rounds.ts";

async function ask(agent: Agent, url: string, headers: Record<string, string>): Promise<number> {
  return new Promise((done, failed) => {
    const request = get(url, { agent, headers }, (response) => {
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
      });
      response.on("end", () =>
        response.statusCode === 200 ? done(bytes) : failed(new Error(`${url}: ${response.statusCode}`)),
      );
    });
    request.on("error", failed);
  });
}

/** Asks for `url` `count` times over `connections` kept-alive connections, the sessions taking turns. */
export async function httpLoad(
  host: Host,
  url: URL,
  cookies: readonly string[],
  connections: number,
  count: number,
): Promise<Measurement> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const numbers = Array.from({ length: count }, (_, number) => number);
  const cpuBefore = host.cpuMs();
  const startedAt = performance.now();
  const latencies = await inParallel(numbers, connections, async (number) => {
    const from = performance.now();
    await ask(agent, url.href, { cookie: cookies[number % cookies.length] ?? "" });
    return performance.now() - from;
  });
  const elapsedMs = performance.now() - startedAt;
  const cpu = host.cpuMs() - cpuBefore;
  agent.destroy();
  return {
    perSecond: (count / elapsedMs) * 1_000,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    cpuMicrosPerOp: (cpu / count) * 1_000,
  };
}
