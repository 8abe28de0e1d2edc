import { env, exports } from "cloudflare:workers";
import { beforeAll, beforeEach, expect, it, vi } from "vitest";
import { appendAudit, auditHash, type AuditRow } from "../../src/db/audit-log.ts";
import { CONTENT } from "../../src/domain/content.ts";
import { inspectionSchema, looksAnswer, type Inspection } from "../../src/domain/inspection/schema.ts";
import { newId, uuidv7 } from "../../src/protocol/ids.ts";
import { createCouple, createSolo, join, NOON, type TestCouple } from "../support/couple.ts";
import { leave } from "../support/departure.ts";
import { rowsOf } from "../support/object.ts";
import { openSession, signedInPerson, type Person } from "../support/people.ts";
import { connect } from "../support/socket-client.ts";

const CANARY = "Canary-Schwalbenschwanz";
const REASON = "Ticket 4711: badge is missing";

let couple: TestCouple;
let member: { headers: Record<string, string> };
let support: Person;

beforeAll(async () => {
  const [a, b] = await Promise.all([signedInPerson(), signedInPerson()]);
  support = await signedInPerson({ role: "support" });
  couple = await createCouple({ userIds: [a.userId, b.userId], createdAt: NOON });
  member = await openSession(a.userId);
});

beforeEach(() => {
  // The platform's own fence is not what is tested here.
  const prototype = Object.getPrototypeOf(env.RATE_TICKETS) as RateLimit;
  vi.spyOn(prototype, "limit").mockResolvedValue({ success: true });
});

async function ask(
  path: string,
  headers: Record<string, string>,
  body?: unknown,
): Promise<{ status: number; text: string; json: Record<string, unknown> }> {
  const init =
    body === undefined
      ? { headers }
      : {
          method: "POST",
          headers: { ...headers, "content-type": "application/json" },
          body: JSON.stringify(body),
        };
  const response = await exports.default.fetch(`https://api.example${path}`, init);
  const text = await response.text();
  return { status: response.status, text, json: JSON.parse(text) as Record<string, unknown> };
}

const look = (body: unknown, by: Person = support, id = couple.relationshipId) =>
  ask(`/api/operators/relationships/${id}/inspection`, by.headers, body);

async function entries(relationshipId = couple.relationshipId): Promise<{ reason: string; actor_role: string }[]> {
  const { results } = await env.DB.prepare(
    "SELECT reason, actor_role FROM audit_log WHERE relationship_id = ? ORDER BY sequence",
  )
    .bind(relationshipId)
    .all<{ reason: string; actor_role: string }>();
  return results;
}

/** Writes the canary wherever a text can stand, in every content table, private and shared. */
async function plantCanaries(): Promise<void> {
  const { a } = couple;
  for (const content of CONTENT) {
    const columns = await rowsOf<{ name: string; type: string; notnull: number; dflt_value: string | null }>(
      couple,
      `SELECT name, type, "notnull", dflt_value FROM pragma_table_info(?)`,
      content.table,
    );
    const [row] = await rowsOf(couple, `SELECT 1 FROM ${content.table} LIMIT 1`);
    expect([content.table, row]).toEqual([content.table, { 1: 1 }]);
    const texts = columns.filter(({ name }) => content.columns[name] === "words" && name !== "photos");
    for (const { name } of texts) await rowsOf(couple, `UPDATE ${content.table} SET ${name} = ?`, `${CANARY} ${name}`);
  }
  await rowsOf(couple, "UPDATE activities SET photos = ?", JSON.stringify([CANARY]));
  await rowsOf(couple, "UPDATE members SET display_name = ? WHERE user_id = ?", CANARY, a.userId);
  await rowsOf(
    couple,
    "INSERT INTO schedule (kind, key, due_at, attempts, last_error, parked_at) VALUES ('broken', ?, 1, 6, ?, 1)",
    `${newId("participation", 1)} ${CANARY}`,
    `SyntaxError: Unexpected token in "${CANARY}": SQLITE_CONSTRAINT`,
  );
}

async function fillEveryTable(): Promise<void> {
  const { a } = couple;
  const words = { description: "x", private: true };
  await a.run("checkins.submit", { date: "2026-06-15", mood: 3, gratitudeNote: "x", notesPrivate: true });
  await a.run("activities.plan", { name: "x", type: "custom", ...words });
  await a.run("goals.create", { name: "x", type: "custom", targetCount: 17, ...words });
  await a.run("dates.add", { name: "x", type: "custom", date: "2026-08-08", ...words });
  await a.run("conversations.log", { type: "deep_talk", topic: "x", ...words });
  const challenge = await a.run<{ id: string }>("challenges.start", { challengeId: "daily_gratitude_7" });
  const entry = { participationId: challenge.id, date: "2026-06-15", completed: true, content: "x", reflection: "y" };
  await a.run("challenges.log_entry", entry);
  await a.run("questions.answer", { date: "2026-06-15", text: "x" });
  await a.run("notes.write", { title: "x", body: "y" });
  await rowsOf(
    couple,
    `INSERT INTO photos (id, user_id, object_key, content_type, size_bytes, caption, status, visibility, created_at, updated_at)
     VALUES ('pho_1', ?, 'key', 'image/png', 5, 'x', 'stored', 'private', 1, 1)`,
    a.userId,
  );
}

it("shows support how the object is, and nothing that anybody wrote", async () => {
  await fillEveryTable();
  await plantCanaries();
  const { socket } = await connect(couple.relationshipId, couple.a.userId);
  const seen: Inspection[] = [];
  for (const { table } of CONTENT) {
    const { status, text, json } = await look({ reason: REASON, table });
    expect([table, status, text.includes("Canary")]).toEqual([table, 200, false]);
    const inspection = inspectionSchema.parse(json["inspection"]);
    expect([table, (inspection.rows ?? []).length > 0]).toEqual([table, true]);
    seen.push(inspection);
  }
  socket.close();
  const [first] = seen;
  expect(first).toMatchObject({ status: "active", openSockets: 1, schemaVersion: 2 });
  expect(first?.databaseBytes).toBeGreaterThan(10_000);
  expect(first?.tables).toContainEqual({ table: "daily_checkins", rows: 1 });
  expect(first?.commands[0]?.events).toEqual(expect.any(Array));
  expect(first?.commands.flatMap(({ events }) => events)).toContain("checkin.submitted");
  expect(first?.schedule).toContainEqual(
    expect.objectContaining({ kind: "broken", lastError: "SyntaxError SQLITE_CONSTRAINT", attempts: 6 }),
  );
  // A private goal shows that it is there, and not how far it is to go.
  const goals = seen.flatMap(({ rows }) => rows ?? []).filter((row) => "target_count" in row);
  expect(goals).toMatchObject([{ target_count: "masked", goal_name: "masked", visibility: "private" }]);
});

it.each([
  ["a member", "user"],
  ["finance", "finance"],
] as const)("refuses %s, and writes nothing", async (_, role) => {
  const person = await signedInPerson({ role });
  const id = newId("relationship", Date.now());
  const { status, json } = await look({ reason: REASON }, person, id);
  expect([status, (json["error"] as { code: string }).code]).toEqual([403, "forbidden"]);
  expect(await entries(id)).toEqual([]);
});

it.each([
  [{}, "reason"],
  [{ reason: "because" }, "reason"],
  [{ reason: `   ${"x".repeat(9)}   ` }, "reason"],
  [{ reason: "x".repeat(501) }, "reason"],
  [{ reason: REASON, table: "members" }, "table"],
  [{ reason: REASON, limit: 1_000 }, "limit"],
  [{ reason: REASON, everything: true }, "everything"],
])("asks for a reason and takes nothing else than it knows: %j", async (body, field) => {
  const before = await entries();
  const { status, text, json } = await look(body);
  expect(status).toBe(400);
  const { details } = json["error"] as { details: { issues: { path: string }[] } };
  expect(details.issues.map(({ path }) => path)).toContain(field);
  expect(text).not.toContain("xxxx");
  expect(await entries()).toEqual(before);
});

it("looks at nothing when the look could not be written down", async () => {
  const database = Object.getPrototypeOf(env.DB) as typeof env.DB;
  // oxlint-disable-next-line typescript/unbound-method -- called below on the database that it was taken from
  const { prepare } = database;
  vi.spyOn(database, "prepare").mockImplementation(function (this: typeof env.DB, sql: string) {
    if (sql.includes("INSERT INTO audit_log")) throw new Error("D1_ERROR: away");
    return prepare.call(this, sql);
  });
  const { status, text } = await look({ reason: REASON });
  vi.restoreAllMocks();
  expect([status, text.includes("schemaVersion")]).toEqual([503, false]);
});

it("tells the members when they were looked at, in which office and why, and tells nobody else", async () => {
  const other = await createCouple({ createdAt: NOON });
  await look({ reason: REASON }, support, other.relationshipId);
  const path = `/api/relationships/${other.relationshipId}/audit`;
  const { headers } = await openSession(other.b.userId);
  const { json, text } = await ask(path, headers);
  expect(looksAnswer.parse(json).looks).toEqual([
    { relationshipId: other.relationshipId, at: expect.any(Number) as number, role: "support", reason: REASON },
  ]);
  expect(text).not.toContain(support.userId);
  expect((await ask(path, member.headers)).status).toBe(404);
  expect((await ask(path, support.headers)).status).toBe(404);
});

it("tells each of the looks of their own time: a new partner of none before, and whoever has left of none after", async () => {
  const [a, b] = await Promise.all([signedInPerson(), signedInPerson()]);
  const solo = await createSolo({ userIds: [a.userId, b.userId], createdAt: NOON });
  const { relationshipId } = solo;
  const entry = { actorUserId: support.userId, actorRole: "support", action: "relationship.inspected" } as const;
  const lookedAt = (now: number, reason: string): Promise<string> =>
    appendAudit(
      env.DB,
      { ...entry, subjectKind: "relationship", subjectId: relationshipId, relationshipId, reason },
      now,
    );
  await lookedAt(NOON + 1, "Alone");
  await lookedAt(NOON + 3, "Together");
  const joined = await join(solo, "UTC", NOON + 2);
  const reasons = async (path: string, headers: Record<string, string>): Promise<unknown> => {
    const { status, json } = await ask(path, headers);
    return status === 200 ? looksAnswer.parse(json).looks.map(({ reason }) => reason) : status;
  };
  const audit = `/api/relationships/${relationshipId}/audit`;
  expect(await reasons(audit, a.headers)).toEqual(["Together", "Alone"]);
  expect(await reasons(audit, b.headers)).toEqual(["Together"]);
  expect(await reasons("/api/me/audit", b.headers)).toEqual(["Together"]);
  await leave(joined, [b.userId], NOON + 4);
  await lookedAt(NOON + 5, "Alone again");
  expect(await reasons(audit, a.headers)).toEqual(["Alone again", "Together", "Alone"]);
  expect(await reasons(audit, b.headers)).toEqual(404);
  expect(await reasons("/api/me/audit", b.headers)).toEqual(["Together"]);
  await leave(joined, [a.userId, b.userId], NOON + 6);
  expect(await reasons(audit, a.headers)).toEqual(404);
  expect(await reasons("/api/me/audit", a.headers)).toEqual(["Alone again", "Together", "Alone"]);
  expect(await reasons("/api/me/audit", support.headers)).toEqual([]);
  // Of two who part, both can go on reading: a look at what they still have there is both's to know.
  const parted = "UPDATE relationships SET status = 'frozen', ended_at = NULL, frozen_at = ? WHERE id = ?";
  await env.DB.prepare(parted)
    .bind(NOON + 4, relationshipId)
    .run();
  expect(await reasons("/api/me/audit", b.headers)).toEqual(["Alone again", "Together"]);
});

it("keeps one unbroken chain however many write at once, and lets nothing in it be changed", async () => {
  const entry = { actorUserId: null, actorRole: "system", action: "test.chained", subjectKind: "test" } as const;
  const now = Date.now();
  await Promise.all(
    Array.from({ length: 12 }, (_, index) => appendAudit(env.DB, { ...entry, subjectId: uuidv7(now + index) }, now)),
  );
  const { results } = await env.DB.prepare("SELECT * FROM audit_log ORDER BY sequence").all<
    AuditRow & { entry_hash: string }
  >();
  let previous = "";
  for (const row of results) {
    expect([row.previous_hash, row.entry_hash]).toEqual([previous, auditHash(row)]);
    previous = row.entry_hash;
  }
  expect(results.filter(({ action }) => action === "test.chained")).toHaveLength(12);
  await expect(async () => {
    await env.DB.prepare("UPDATE audit_log SET reason = 'no reason'").run();
  }).rejects.toThrow(/append-only/);
});
