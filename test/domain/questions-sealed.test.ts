import { env, exports } from "cloudflare:workers";
import { runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { registry } from "../../src/domain/registry.ts";
import { uuidv7 } from "../../src/protocol/ids.ts";
import { createCouple, NOON, type TestMember } from "../support/couple.ts";
import { openSession, signedInPerson } from "../support/people.ts";
import { rowsOf } from "../support/object.ts";
import { connect } from "../support/socket-client.ts";

const SEALED = "canary-of-a-sealed-answer";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOON });
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Everything that a member can ask without naming anything, over RPC. */
async function everyAnswer(member: TestMember): Promise<string> {
  const asked = registry.filter(({ kind, input }) => kind === "query" && input.safeParse({}).success);
  expect(asked.length).toBeGreaterThan(15);
  const replies = await Promise.all(asked.map(({ name }) => member.reply(name, {}, { now: Date.now() })));
  return JSON.stringify(replies);
}

async function everyRowOfD1(): Promise<string> {
  const tables = await env.DB.prepare(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\'",
  ).all<{ name: string }>();
  const rows = await Promise.all(tables.results.map(({ name }) => env.DB.prepare(`SELECT * FROM ${name}`).all()));
  return JSON.stringify(rows.map(({ results }) => results));
}

it("lets no word of a sealed answer out: no frame, query, replay, snapshot, export, log line, event or row of D1", async () => {
  const [ada, grace] = await Promise.all([signedInPerson({ now: NOON }), signedInPerson({ now: NOON })]);
  const couple = await createCouple({ userIds: [ada.userId, grace.userId], createdAt: NOON });
  const logged = (["log", "error", "warn", "info"] as const).map((level) => vi.spyOn(console, level));
  const mine = await connect(couple.relationshipId, couple.a.userId);
  const partner = await connect(couple.relationshipId, couple.b.userId);
  const id = uuidv7(NOON);
  await mine.socket.ask("command", "questions.answer", { text: SEALED });
  vi.setSystemTime(NOON + 60_000);
  await mine.socket.ask("command", "questions.answer", { text: `${SEALED}, edited`, version: 1 });
  await mine.socket.ask("query", "questions.today");
  // The partner repeats a command id of the author, reconnects from the beginning, asks everything, and exports.
  await couple.a.run("questions.answer", { text: SEALED, date: "2026-06-14" }, { commandId: id });
  const replayed = await couple.b.reply(
    "questions.answer",
    { text: SEALED.slice(0, 6), date: "2026-06-13" },
    { commandId: id },
  );
  const late = await connect(couple.relationshipId, couple.b.userId, { cursors: { epoch: 1, couple: 0, own: 0 } });
  const fresh = await connect(couple.relationshipId, couple.b.userId);
  await partner.socket.ask("query", "questions.today");
  const { headers } = await openSession(grace.userId, Date.now());
  const outputs: string[] = [JSON.stringify(replayed), await everyAnswer(couple.b)];
  for (const format of ["json", "html"]) {
    const path = `https://api.example/api/relationships/${couple.relationshipId}/export?format=${format}`;
    const exported = await exports.default.fetch(path, { headers });
    expect(exported.status).toBe(200);
    outputs.push(await exported.text());
  }
  await runDurableObjectAlarm(env.RELATIONSHIP.getByName(couple.relationshipId));
  for (const { socket } of [partner, late, fresh]) outputs.push(JSON.stringify(socket.frames));
  outputs.push(await everyRowOfD1(), JSON.stringify(logged.flatMap((spy) => spy.mock.calls)));
  outputs.push(JSON.stringify(await rowsOf(couple, "SELECT * FROM relationship_events")));
  outputs.push(JSON.stringify(await rowsOf(couple, "SELECT * FROM notifications")));
  outputs.push(
    JSON.stringify(await rowsOf(couple, "SELECT * FROM command_receipts WHERE member_id = ?", grace.userId)),
  );
  expect(outputs.filter((output) => output.includes(SEALED)).map((output) => output.slice(0, 400))).toEqual([]);
  // The test looks in the right places: what is open is seen there.
  const before = partner.socket.frames.length;
  await partner.socket.ask("command", "questions.answer", { text: "mine too" });
  expect(JSON.stringify(partner.socket.frames.slice(before))).toContain(`${SEALED}, edited`);
  expect(await everyAnswer(couple.b)).toContain(`${SEALED}, edited`);
});

it("tells the partner that an answer waits, and neither how long it is nor when it was changed", async () => {
  const [short, long] = [await createCouple({ createdAt: NOON }), await createCouple({ createdAt: NOON })];
  await short.a.run("questions.answer", { text: "x" });
  await long.a.run("questions.answer", { text: "x" });
  vi.setSystemTime(NOON + 3_600_000);
  await long.a.run("questions.answer", { text: "y".repeat(2_000), version: 1 }, { now: Date.now() });
  const views = await Promise.all(
    [short, long].map(async ({ b, relationshipId }) => {
      const { partner } = await b.run<{ partner: unknown }>("questions.today");
      const { socket } = await connect(relationshipId, b.userId, { cursors: { epoch: 1, couple: 0, own: 0 } });
      const inbox = await b.run<{ items: object[] }>("inbox.list");
      const events = socket.eventNames();
      socket.close();
      return { partner, events, inbox: inbox.items.map((item) => ({ ...item, id: "" })) };
    }),
  );
  expect(views[1]).toEqual(views[0]);
  expect(views[0]?.partner).toEqual({ hasAnswered: true, text: null });
});
