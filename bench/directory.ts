import { newId } from "../src/protocol/ids.ts";
import { DAY_MS } from "../src/protocol/limits.ts";

export interface BenchMember {
  userId: string;
  /** The unsigned session token, as D1 keeps it. */
  sessionToken: string;
}

export interface BenchCouple {
  relationshipId: string;
  members: [BenchMember, BenchMember];
}

// Sign-up hashes a password, which is slow on purpose and not what is measured: rows are written directly.
const STATEMENTS = [
  `INSERT INTO users (id, email, email_verified, name, created_at, updated_at)
   SELECT member.value ->> 'userId', (member.value ->> 'userId') || '@bench.example', 1, 'Bench', ?2, ?2
   FROM json_each(?1) AS couple, json_each(couple.value -> 'members') AS member`,
  `INSERT INTO sessions (id, user_id, token, expires_at, created_at, updated_at)
   SELECT 'ses_' || (member.value ->> 'sessionToken'), member.value ->> 'userId', member.value ->> 'sessionToken', ?3, ?2, ?2
   FROM json_each(?1) AS couple, json_each(couple.value -> 'members') AS member`,
  `INSERT INTO relationships (id, created_by_user_id, user_1_id, user_2_id, status, created_at, updated_at)
   SELECT value ->> 'relationshipId', value ->> '$.members[0].userId', value ->> '$.members[0].userId',
     value ->> '$.members[1].userId', 'active', CAST(?2 AS INTEGER), CAST(?2 AS INTEGER)
   FROM json_each(?1)`,
  `INSERT INTO relationship_members (relationship_id, user_id, slot, joined_at)
   SELECT couple.value ->> 'relationshipId', member.value ->> 'userId', member.key + 1, CAST(?2 AS INTEGER)
   FROM json_each(?1) AS couple, json_each(couple.value -> 'members') AS member`,
] as const;

/** Writes `count` couples with a session each into D1. Their objects are made by the caller. */
export async function createDirectory(db: D1Database, count: number, now: number): Promise<BenchCouple[]> {
  const member = (): BenchMember => ({
    userId: newId("user", now),
    sessionToken: crypto.randomUUID().replaceAll("-", ""),
  });
  const couples = Array.from({ length: count }, (): BenchCouple => ({
    relationshipId: newId("relationship", now),
    members: [member(), member()],
  }));
  const json = JSON.stringify(couples);
  const isoNow = new Date(now).toISOString();
  const isoEnd = new Date(Date.now() + 30 * DAY_MS).toISOString();
  const [users, sessions, relationships, members] = STATEMENTS;
  await db.batch([
    db.prepare(users).bind(json, isoNow),
    db.prepare(sessions).bind(json, isoNow, isoEnd),
    db.prepare(relationships).bind(json, now),
    db.prepare(members).bind(json, now),
  ]);
  return couples;
}

/** Size of the database file as D1 reports it. */
export async function databaseBytes(db: D1Database): Promise<number> {
  const { meta } = await db.prepare("SELECT 1").run();
  return meta.size_after;
}
