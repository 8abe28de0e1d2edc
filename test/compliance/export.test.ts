import { exports } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { exportSchema } from "../../src/compliance/export-schema.ts";
import { SECTIONS } from "../../src/compliance/export-labels.ts";
import { TABLE_NOTES } from "../../src/compliance/export-schema.ts";
import { CONTENT } from "../../src/domain/content.ts";
import { createCouple, createSolo, NOON, type TestCouple, type TestMember } from "../support/couple.ts";
import { leave } from "../support/departure.ts";
import { eventsOf, rowsOf } from "../support/object.ts";
import { openSession } from "../support/people.ts";
import { seedContent } from "./content-rows.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOON });
});

afterEach(() => {
  vi.useRealTimers();
});

const MARKUP = `<img src=x onerror=alert(1)>"'&`;

async function download(member: TestMember, format: string, signedInAt = NOON): Promise<Response> {
  const { headers } = await openSession(member.userId, signedInAt);
  const path = `/api/relationships/${member.relationshipId}/export?format=${format}`;
  return exports.default.fetch(`https://api.example${path}`, { headers });
}

async function exported(member: TestMember, format: string): Promise<string> {
  const response = await download(member, format);
  expect(response.status).toBe(200);
  return response.text();
}

const isPublic = (kind: string): boolean => kind === "shared" || kind === "joint";

describe.each(["json", "html"])("as %s", (format) => {
  it("holds every word of mine, and of my partner's those that were shared with me", async () => {
    const couple = await createCouple();
    const mine = await seedContent(couple, "a", () => true, MARKUP);
    const theirs = await seedContent(couple, "b", () => true, MARKUP);
    const text = await exported(couple.a, format);
    const wordOf = (word: string): string => word.slice(0, -MARKUP.length);
    const missing = [...mine, ...theirs.filter(({ kind }) => isPublic(kind))].flatMap(({ table, kind, words }) =>
      words.filter((word) => !text.includes(wordOf(word))).map((word) => [table, kind, word]),
    );
    expect(missing).toEqual([]);
    const leaked = theirs
      .filter(({ kind }) => !isPublic(kind))
      .flatMap(({ words }) => words.filter((word) => text.includes(wordOf(word))));
    expect(leaked).toEqual([]);
    expect(theirs.filter(({ kind }) => !isPublic(kind)).length).toBeGreaterThan(10);
  });

  it("is the same byte for byte, whatever my partner keeps private", async () => {
    const couple = await createCouple();
    await seedContent(couple, "b", (kind) => isPublic(kind));
    await seedContent(couple, "a", () => true);
    const before = await exported(couple.a, format);
    await seedContent(couple, "b", (kind) => kind === "private" || kind === "sealed");
    expect(await exported(couple.a, format)).toBe(before);
    const words =
      "UPDATE daily_checkins SET notes_visibility = 'private', gratitude_note = ?, row_version = 9 WHERE user_id = ?";
    const note = async (text: string): Promise<string> => {
      await rowsOf(couple, words, text, couple.b.userId);
      return exported(couple.a, format);
    };
    expect(await note("one")).toBe(await note("another"));
  });
});

it("is the JSON that its schema describes, table by table", async () => {
  const couple = await createCouple();
  await seedContent(couple, "a", () => true);
  await seedContent(couple, "b", () => true);
  await couple.a.run("checkins.submit", { date: "2026-06-15", mood: 7 });
  const data = exportSchema.parse(JSON.parse(await exported(couple.a, "json")));
  const expected = Object.fromEntries(
    CONTENT.map(({ table, belongs }) => {
      if (table === "daily_checkins") return [table, 6];
      return [table, belongs === "joint" ? 3 : table === "daily_answers" ? 4 : 3];
    }),
  );
  expect(
    Object.fromEntries(
      Object.entries(data.tables).map(([table, rows]) => [table, z.array(z.unknown()).parse(rows).length]),
    ),
  ).toEqual(expected);
  expect(data).toMatchObject({ userId: couple.a.userId, account: { email: `${couple.a.userId}@example.test` } });
  expect(JSON.stringify(data)).not.toContain("object_key");
  const tables = CONTENT.map(({ table }) => table).toSorted();
  expect([Object.keys(SECTIONS).toSorted(), Object.keys(TABLE_NOTES).toSorted()]).toEqual([tables, tables]);
});

it("is a page that runs nothing and asks nobody for anything, whatever people wrote", async () => {
  const couple = await createCouple();
  await seedContent(couple, "a", () => true, MARKUP);
  const html = await exported(couple.a, "html");
  expect(html).not.toMatch(/<script|<img|<link|<iframe|<[^>]*\son\w+=|https?:\/\/|url\(/i);
  expect(html).toContain("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;");
  // Every tag is closed by its own, as far as plain text can tell.
  for (const tag of ["section", "article", "dl", "dd", "svg", "ul", "table", "figure", "main", "html"]) {
    const count = (pattern: RegExp): number => [...html.matchAll(pattern)].length;
    expect([tag, count(new RegExp(`<${tag}[ >]`, "g"))]).toEqual([tag, count(new RegExp(`</${tag}>`, "g"))]);
  }
});

it("holds what is kept of me besides, also what I put away or do not want to be shown, and nothing of the other", async () => {
  const couple = await createCouple();
  const { a, b } = couple;
  await b.run("insights.opened");
  await b.run("imports.run", { kind: "dates", format: "csv", text: "name,type,date\nTheirs,custom,2020-01-01\n" });
  const before = exportSchema.parse(JSON.parse(await exported(a, "json")));
  expect(before).toMatchObject({ appDays: [], imports: [], calendarFeeds: [], streaks: { hidden: false } });
  for (const date of ["2026-06-14", "2026-06-15"]) await a.run("checkins.submit", { date, mood: 5 });
  await a.run("checkins.set_streaks_hidden", { hidden: true });
  await a.run("insights.opened");
  await a.run("dates.create_feed");
  await a.run("dates.revoke_feed");
  const file = { kind: "dates", format: "csv", text: "name,type,date\nMine,custom,2020-01-01\n" };
  const { importId } = await a.run<{ importId: string }>("imports.run", file);
  await b.run("activities.log", { name: "Walk", type: "custom" });
  const { items } = await a.run<{ items: { id: string }[] }>("inbox.list");
  const ids = items.map(({ id }) => id);
  expect(ids.length).toBeGreaterThan(0);
  await a.run("inbox.archive", { ids });
  const data = exportSchema.parse(JSON.parse(await exported(a, "json")));
  expect(data).toMatchObject({
    appDays: ["2026-06-15"],
    imports: [{ id: importId, kind: "dates", rowsAdded: 1, undoneAt: null }],
    calendarFeeds: [{ createdAt: NOON, revokedAt: NOON }],
    streaks: { hidden: true, mine: { current: 2, longest: 2 } },
  });
  expect(data.inbox.filter(({ archivedAt }) => archivedAt === NOON).map(({ id }) => id)).toEqual(ids);
  const html = await exported(a, "html");
  for (const text of ["1 dates on 2026-06-15", "revoked 2026-06-15", "put away"]) expect(html).toContain(text);
  expect(html).not.toContain("my longest streak");
});

it("names whoever left as a former member", async () => {
  const couple = await createCouple();
  await seedContent(couple, "a", () => true);
  await rowsOf(couple, "UPDATE activities SET former_author = 1");
  const data = exportSchema.parse(JSON.parse(await exported(couple.a, "json")));
  expect(data.tables["activities"]).toMatchObject([
    { created_by_user_id: "former_member" },
    { created_by_user_id: "former_member" },
  ]);
});

it("is there alone, paired, paused and parted, and nowhere for anybody else", async () => {
  const solo = await createSolo();
  expect((await download(solo.a, "html")).status).toBe(200);
  const couple = await createCouple();
  for (const step of ["membership.pause", "membership.leave"]) {
    await couple.a.run(step);
    for (const member of [couple.a, couple.b]) expect((await download(member, "json")).status).toBe(200);
  }
  const other = await createCouple();
  const code = async (member: TestMember): Promise<unknown> => (await download(member, "json")).json();
  const stranger = Object.assign(Object.create(Object.getPrototypeOf(other.a) as object) as TestMember, other.a);
  expect(await code(Object.assign(stranger, { relationshipId: couple.relationshipId }))).toMatchObject({
    error: { code: "not_found" },
  });
  const gone: TestCouple = await leave(other, [other.a.userId, other.b.userId], NOON);
  expect(await code(gone.a)).toMatchObject({ error: { code: "not_found" } });
});

it("wants a recent sign-in, tells nobody and leaves no trace", async () => {
  const couple = await createCouple();
  expect(await (await download(couple.a, "json", NOON - 3_600_000)).json()).toMatchObject({
    error: { code: "fresh_sign_in_required" },
  });
  expect((await download(couple.a, "pdf")).status).toBe(400);
  const state = async (): Promise<unknown> => [
    await eventsOf(couple),
    await rowsOf(couple, "SELECT * FROM schedule"),
    await rowsOf(couple, "SELECT * FROM notifications"),
    await rowsOf(couple, "SELECT * FROM event_summaries"),
  ];
  const before = await state();
  const response = await download(couple.a, "html");
  await response.text();
  expect(await state()).toEqual(before);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    "content-disposition": 'attachment; filename="better-together-2026-06-15.html"',
    "cache-control": "private, no-store",
    "content-security-policy": expect.stringContaining("default-src 'none'"),
  });
});

it("streams ten years page by page, each row once", { timeout: 30_000 }, async () => {
  const couple = await createCouple({ createdAt: Date.UTC(2016, 5, 1) });
  const days = `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?)`;
  for (const { userId } of [couple.a, couple.b]) {
    await rowsOf(
      couple,
      `INSERT INTO daily_checkins (id, user_id, checkin_date, mood_score, gratitude_note, visibility, notes_visibility,
         created_at, updated_at)
       ${days} SELECT 'chk' || i, ?, date('2016-06-01', i || ' days'), i % 10 + 1, 'Thank you for day ' || i, 'shared',
         'shared', 1, 1 FROM n`,
      3_649,
      userId,
    );
  }
  await rowsOf(
    couple,
    `INSERT INTO activities (id, activity_name, activity_type, completed_date, status, created_by_user_id, visibility,
       created_at, updated_at)
     ${days} SELECT 'act' || i, 'Walk ' || i, 'adventure', date('2016-06-01', i % 3650 || ' days'), 'completed', ?,
       'joint', 1, 1 FROM n`,
    3_999,
    couple.a.userId,
  );
  const data = exportSchema.parse(JSON.parse(await exported(couple.a, "json")));
  const checkins = data.tables["daily_checkins"] as { user_id: string; checkin_date: string }[];
  expect(new Set(checkins.map((row) => `${row.user_id} ${row.checkin_date}`)).size).toBe(7_300);
  expect(checkins).toHaveLength(7_300);
  expect(new Set((data.tables["activities"] as { id: string }[]).map(({ id }) => id)).size).toBe(4_000);
  const html = await exported(couple.a, "html");
  expect(html.length).toBeLessThan(8_000_000);
  expect([...html.matchAll(/<article>/g)].length).toBe(11_301);
  expect([...html.matchAll(/class="year"/g)].length).toBe(11);
});

it("breaks off rather than seem whole when it fails on the way", async () => {
  const couple = await createCouple();
  const { a } = couple;
  await rowsOf(couple, "DROP TABLE photos");
  const response = await download(a, "json");
  expect(response.status).toBe(200);
  await expect(async () => response.text()).rejects.toThrow(Error);
});
