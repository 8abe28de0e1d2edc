import { app } from "../src/app.ts";
import { findOperation } from "../src/domain/registry.ts";
import { RelationshipObject as Product } from "../src/relationship/relationship-object.ts";
import { relationshipStub } from "../src/relationship/stub.ts";
import { newId, uuidv7 } from "../src/protocol/ids.ts";
import { DAY_MS } from "../src/protocol/limits.ts";
import { seedStatements, type History } from "./decade.ts";
import { createDirectory, databaseBytes, type BenchCouple } from "./directory.ts";
import { TalliedDatabase, type D1Tally } from "./tallied-database.ts";

// The product as it is, and beside it a few routes for what a benchmark needs and no client may do.

export class RelationshipObject extends Product {
  /** Runs the flush that is planned for later, and says what it cost D1. */
  async flushNow(now: number): Promise<D1Tally> {
    const db = new TalliedDatabase(this.env.DB);
    this.env = { ...this.env, DB: db as unknown as D1Database };
    this.ctx.storage.sql.exec("UPDATE schedule SET due_at = ? WHERE kind = 'flush'", now);
    await this.alarm();
    return db.tally();
  }

  /** Gives a couple that has done nothing yet a history past every rule, in one go. */
  async seedHistory(history: History, userIds: readonly [string, string], now: number): Promise<void> {
    const { sql } = this.ctx.storage;
    for (const table of ["relationship_events", "summary_cursors"]) sql.exec(`DELETE FROM ${table}`).toArray();
    const today = new Date(now).toISOString().slice(0, 10);
    for (const { sql: statement, binds } of seedStatements(history, userIds, today, now)) {
      sql.exec(statement, ...binds).toArray();
    }
  }
}

/** One command of a seeded history. */
export interface SeedCommand {
  userId: string;
  name: string;
  input: unknown;
  now: number;
}

export interface BenchRequests {
  couples: { count: number; now: number; startDate: string };
  tickets: { members: { relationshipId: string; userId: string }[] };
  seed: { relationshipId: string; commands: SeedCommand[] };
  history: { relationshipId: string; userIds: [string, string]; history: History; now: number };
  cacheable: { name: string; cacheable: boolean };
  flush: { relationshipIds: string[]; concurrency: number };
  size: Record<string, never>;
}

export interface BenchReplies {
  couples: BenchCouple[];
  tickets: string[];
  seed: { written: number };
  history: { ok: true };
  cacheable: { ok: true };
  flush: { tallies: D1Tally[] };
  size: { bytes: number };
}

type Handlers = {
  [Name in keyof BenchRequests]: (env: Env, request: BenchRequests[Name]) => Promise<BenchReplies[Name]>;
};

const handlers: Handlers = {
  async couples(env, { count, now, startDate }) {
    const couples = await createDirectory(env.DB, count, now);
    for (const { relationshipId, members } of couples) {
      await relationshipStub(env, relationshipId).applyMembership({
        relationshipId,
        version: 1,
        statusVersion: 1,
        status: "active",
        relationshipType: "partnership",
        startDate,
        anniversaryDate: startDate,
        homeTimezone: "UTC",
        createdAt: now,
        now,
        members: members.map(({ userId }, index) => ({
          userId,
          slot: index === 0 ? 1 : 2,
          displayName: index === 0 ? "Ada" : "Grace",
          timezone: "UTC",
          joinedAt: now,
          leftAt: null,
        })),
      });
    }
    return couples;
  },
  async tickets(env, { members }) {
    const now = Date.now();
    const tickets: string[] = [];
    for (const { relationshipId, userId } of members) {
      const actor = { userId, sessionId: newId("session", now), sessionExpiresAt: now + DAY_MS, signedInAt: now };
      const reply = await relationshipStub(env, relationshipId).issueTicket(actor, now);
      if (!reply.ok) throw new Error(`No ticket: ${reply.error.code}`);
      tickets.push(reply.ticket);
    }
    return tickets;
  },
  async seed(env, { relationshipId, commands }) {
    const stub = relationshipStub(env, relationshipId);
    for (const { userId, name, input, now } of commands) {
      const reply = await stub.execute({
        kind: "command",
        name,
        input,
        userId,
        signedInAt: now,
        commandId: uuidv7(now),
        now,
      });
      if (!reply.ok) throw new Error(`${name} was refused: ${JSON.stringify(reply.error)}`);
    }
    return { written: commands.length };
  },
  async history(env, { relationshipId, userIds, history, now }) {
    const stub = env.RELATIONSHIP.getByName(relationshipId) as unknown as Pick<RelationshipObject, "seedHistory">;
    await stub.seedHistory(history, userIds, now);
    return { ok: true };
  },
  async cacheable(_env, { name, cacheable }) {
    const operation = findOperation(name);
    if (operation === null) throw new Error(`There is no ${name}`);
    operation.cacheable = cacheable;
    return { ok: true };
  },
  async flush(env, { relationshipIds, concurrency }) {
    const waiting = [...relationshipIds];
    const tallies: D1Tally[] = [];
    const work = async (): Promise<void> => {
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
        const stub = env.RELATIONSHIP.getByName(id) as unknown as Pick<RelationshipObject, "flushNow">;
        tallies.push(await stub.flushNow(Date.now()));
      }
    };
    await Promise.all(Array.from({ length: concurrency }, work));
    return { tallies };
  },
  async size(env) {
    return { bytes: await databaseBytes(env.DB) };
  },
};

export default {
  async fetch(request, env, context) {
    const [, area, name] = new URL(request.url).pathname.split("/");
    if (area !== "bench") return app.fetch(request, env, context);
    const handler = handlers[name as keyof Handlers] as (env: Env, request: unknown) => Promise<unknown>;
    try {
      return Response.json(await handler(env, await request.json()));
    } catch (error) {
      return new Response(error instanceof Error ? error.message : String(error), { status: 500 });
    }
  },
} satisfies ExportedHandler<Env>;
