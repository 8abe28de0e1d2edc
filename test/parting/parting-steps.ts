import { env, exports } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { uuidv7 } from "../../src/protocol/ids.ts";
import type { ErrorBody } from "../../src/protocol/errors.ts";
import { enterLink } from "../../src/pairing/link-entry.ts";
import type { RelationshipSummary } from "../../src/pairing/schema.ts";
import type { RelationshipObject } from "../../src/relationship/relationship-object.ts";
import { createCouple, type TestCouple } from "../support/couple.ts";
import { openSession, signedInPerson, type Person } from "../support/people.ts";

/** Ahead of the platform's clock, so that no alarm fires by itself. */
export const START = Date.UTC(2031, 2, 3, 12);

export interface Pair extends TestCouple {
  ada: Person;
  grace: Person;
}

/** Two people with accounts and sessions of now, and their couple. */
export async function pair(): Promise<Pair> {
  const [ada, grace] = await Promise.all([signedInPerson({ name: "Ada" }), signedInPerson({ name: "Grace" })]);
  const couple = await createCouple({ userIds: [ada.userId, grace.userId], createdAt: Date.now() });
  return { ...couple, ada, grace };
}

/** A session that was opened just now. */
export async function signInAgain(person: Person): Promise<Person> {
  return { ...person, ...(await openSession(person.userId, Date.now())) };
}

export interface Answer<T> {
  status: number;
  data: T;
  error: ErrorBody | undefined;
}

/** One request of `person` to the whole Worker. */
export async function ask<T = Record<string, unknown>>(
  person: Person,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer<T>> {
  const headers: Record<string, string> = { ...person.headers, "idempotency-key": uuidv7(Date.now()) };
  if (body !== undefined) headers["content-type"] = "application/json";
  const response = await exports.default.fetch(`https://api.example/api${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const json = (await response.json()) as T & { error?: ErrorBody };
  return { status: response.status, data: json, error: json.error };
}

/** Has the object's alarm do what is due, with its D1 replaced if told. */
export async function alarm(couple: Pick<TestCouple, "relationshipId">, database?: D1Database): Promise<void> {
  await runInDurableObject(env.RELATIONSHIP.getByName(couple.relationshipId), async (instance: RelationshipObject) => {
    const object = instance as unknown as { env: Env };
    const own = object.env;
    if (database !== undefined) object.env = { ...own, DB: database };
    await instance.alarm();
    object.env = own;
  });
}

/** A D1 whose batches fail from the `nth` on, before or after they take effect; everything else works. */
export function brokenD1(moment: "before" | "after", nth = 1): D1Database {
  let batches = 0;
  return new Proxy(env.DB, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (typeof value !== "function") return value;
      const method = (value as (...args: unknown[]) => unknown).bind(target);
      if (property !== "batch") return method;
      return async (...args: unknown[]) => {
        batches += 1;
        if (batches < nth) return method(...args);
        if (moment === "after") await method(...args);
        throw new Error("D1_ERROR: Network connection lost.");
      };
    },
  });
}

/** What the directory says of a relationship, and who lives in it. */
export async function directory(relationshipId: string): Promise<{
  status: string;
  statusVersion: number;
  frozenAt: number | null;
  live: string[];
}> {
  const row = await env.DB.prepare("SELECT status, status_version, frozen_at FROM relationships WHERE id = ?")
    .bind(relationshipId)
    .first<{ status: string; status_version: number; frozen_at: number | null }>();
  const { results } = await env.DB.prepare(
    "SELECT user_id FROM relationship_members WHERE relationship_id = ? AND left_at IS NULL ORDER BY slot",
  )
    .bind(relationshipId)
    .all<{ user_id: string }>();
  return {
    status: row?.status ?? "",
    statusVersion: row?.status_version ?? 0,
    frozenAt: row?.frozen_at ?? null,
    live: results.map(({ user_id }) => user_id),
  };
}

/** `userId` takes a link, which needs nobody's further word. */
export async function joinByLink(environment: Env, userId: string, token: string): Promise<RelationshipSummary> {
  const acceptance = await enterLink(environment, userId, token, Date.now());
  if (acceptance.status !== "accepted") throw new Error("the inviter has to confirm them");
  return acceptance.relationship;
}

export async function liveIdOf(userId: string): Promise<string | null> {
  return env.DB.prepare("SELECT relationship_id AS id FROM relationship_members WHERE user_id = ? AND left_at IS NULL")
    .bind(userId)
    .first<string>("id");
}

export async function mailsTo(email: string): Promise<{ kind: string; subject: string; text: string | null }[]> {
  const { results } = await env.DB.prepare("SELECT kind, subject, text FROM mail_outbox WHERE recipient_email = ?")
    .bind(email.toLowerCase())
    .all<{ kind: string; subject: string; text: string | null }>();
  return results;
}
