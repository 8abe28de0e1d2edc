import { createHmac } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { D1Database as LocalDatabase } from "@cloudflare/workers-types";
import { SOCKET_PROTOCOL } from "../src/protocol/frames.ts";
import { sessionCookieName } from "../src/auth/session-token.ts";
import { ROOT, type WorkerModule } from "./bundle.ts";
import type { BenchCouple } from "./directory.ts";
import { startWorkerd, type WorkerdHost } from "./host.ts";
import { LoadClient } from "./load-client.ts";
import type { BenchReplies, BenchRequests } from "./worker.ts";

const AUTH_SECRET = "a-secret-of-the-benchmarks-and-of-nothing-else";
/** As in production: no flush falls into a measurement by itself. */
const FLUSH_INTERVAL_MS = "600000";

/** The product's Worker in a process of its own, and what benchmarks ask of it. */
export class Product {
  readonly host: WorkerdHost;
  /** Of the project's configuration; other contestants on workerd use the same. */
  readonly compatibilityDate: string;

  private constructor(host: WorkerdHost, compatibilityDate: string) {
    this.host = host;
    this.compatibilityDate = compatibilityDate;
  }

  static async start(modules: WorkerModule[], stateFolder: string, inspector = false): Promise<Product> {
    process.env["WRANGLER_LOG"] = "none";
    const { unstable_getMiniflareWorkerOptions: derive, unstable_splitSqlQuery: split } = await import("wrangler");
    const { workerOptions } = derive(join(ROOT, "wrangler.jsonc"));
    const { compatibilityDate, compatibilityFlags, d1Databases, durableObjects, r2Buckets, ratelimits } = workerOptions;
    const bindings = {
      ...(workerOptions.bindings as Record<string, string>),
      AUTH_SECRET,
      FLUSH_INTERVAL_MS,
      SOCKET_MESSAGES_PER_SECOND: "1000000",
      SOCKET_MESSAGES_BURST: "1000000",
    };
    const worker = {
      compatibilityDate,
      compatibilityFlags,
      d1Databases,
      durableObjects,
      r2Buckets,
      ratelimits,
      bindings,
      versionMetadata: "VERSION",
    } as Parameters<typeof startWorkerd>[0]["worker"];
    const host = await startWorkerd({ modules, stateFolder, worker, inspector });
    const db = (await host.miniflare.getD1Database("DB")) as unknown as LocalDatabase;
    for (const file of readdirSync(join(ROOT, "migrations")).toSorted()) {
      const statements = split(readFileSync(join(ROOT, "migrations", file), "utf8"));
      await db.batch(statements.map((statement) => db.prepare(statement)));
    }
    return new Product(host, String(compatibilityDate));
  }

  /** Calls one of the routes that exist in benchmarks only. */
  async call<Name extends keyof BenchRequests>(name: Name, request: BenchRequests[Name]): Promise<BenchReplies[Name]> {
    const response = await fetch(new URL(`/bench/${name}`, this.host.url), {
      method: "POST",
      body: JSON.stringify(request),
    });
    if (!response.ok) throw new Error(`bench/${name} failed: ${await response.text()}`);
    return (await response.json()) as BenchReplies[Name];
  }

  async couples(count: number, now = Date.now()): Promise<BenchCouple[]> {
    return this.call("couples", { count, now, startDate: new Date(now).toISOString().slice(0, 10) });
  }

  async tickets(couples: readonly BenchCouple[]): Promise<string[]> {
    const members = couples.flatMap(({ relationshipId, members: both }) =>
      both.map(({ userId }) => ({ relationshipId, userId })),
    );
    return this.call("tickets", { members });
  }

  /** Opens a socket with a ticket, or with the token and the cursors that an earlier socket was given. */
  async connect(
    relationshipId: string,
    credential: { ticket: string } | { ready: LoadClient["ready"] },
  ): Promise<LoadClient> {
    const url = new URL(`/api/relationships/${relationshipId}/socket`, this.host.url);
    url.protocol = "ws:";
    let token: string;
    if ("ticket" in credential) token = `ticket.${credential.ticket}`;
    else {
      token = `resume.${credential.ready?.resume}`;
      for (const [name, value] of Object.entries(credential.ready?.cursors ?? {}))
        url.searchParams.set(name, `${value}`);
    }
    return LoadClient.connect(url.href, [SOCKET_PROTOCOL, token]);
  }

  /** The cookie by which a browser shows its session. */
  cookie(sessionToken: string): string {
    const signature = createHmac("sha256", AUTH_SECRET).update(sessionToken).digest("base64");
    return `${sessionCookieName("http://localhost")}=${encodeURIComponent(`${sessionToken}.${signature}`)}`;
  }
}
