import fc from "fast-check";
import { expect, it } from "vitest";
import { addDays } from "../../src/domain/calendar.ts";
import type { Import, ReportEntry, RunOutput } from "../../src/domain/imports/schema.ts";
import type { Page } from "../../src/domain/paging.ts";
import { uuidv7 } from "../../src/protocol/ids.ts";
import { createCouple, createSolo, join, NOON, type TestCouple, type TestMember } from "../support/couple.ts";
import { eventsOf, rowsOf } from "../support/object.ts";

const TODAY = "2026-06-15";

const bring = (member: TestMember, kind: string, rows: readonly object[] | string, more: object = {}, now = NOON) => {
  const file =
    typeof rows === "string" ? { format: "csv", text: rows } : { format: "json", text: JSON.stringify(rows) };
  return member.run<RunOutput>("imports.run", { kind, ...file, ...more }, { now });
};
const outcomes = ({ report }: RunOutput) =>
  report.map(({ fromLine, toLine, outcome, issues }) => [
    fromLine,
    toLine,
    outcome,
    ...(issues ?? []).map((i) => i.path),
  ]);

it("brings in a year of check-ins that count as days, and for no streak when they are old", async () => {
  const couple = await createCouple();
  const rows = Array.from({ length: 40 }, (_, day) => ({ date: addDays(TODAY, -day), mood: 7, gratitudeNote: "Tea" }));
  await couple.a.run("checkins.submit", { date: TODAY, mood: 2 });
  const result = await bring(couple.a, "checkins", rows);
  expect(result).toMatchObject({ added: 39, counts: { rows: 40, ok: 39, skipped: 1, errors: 0 } });
  expect(outcomes(result)).toEqual([
    [1, 1, "skipped"],
    [2, 40, "ok"],
  ]);
  // What was there stays, and what was enterable by hand counts like it.
  const stored = await rowsOf<{ mood: number; late: number }>(
    couple,
    `SELECT mood_score AS mood, late_days AS late FROM daily_checkins ORDER BY checkin_date DESC LIMIT 4`,
  );
  expect(stored).toEqual([{ mood: 2, late: 0 }, ...[1, 2, 3].map((late) => ({ mood: 7, late }))]);
  expect(await couple.a.run("insights.streaks")).toMatchObject({ mine: { current: 3 } });
  const { items } = await couple.b.run<Page<{ id: string; earnedDate: string | null }>>("achievements.list");
  expect(items.filter((item) => item.earnedDate !== null).map(({ id }) => id)).toContain("gratitude_master");
  expect(await eventsOf(couple, "import.added")).toMatchObject([
    { stream: "couple", data: '{"kind":"checkins","rows":39}' },
  ]);
});

const FILES: Record<string, { good: readonly object[]; bad: readonly [object | string, string][] }> = {
  checkins: {
    good: [
      { date: "2024-02-29", mood: 5 },
      { date: "2024-03-01", highlight: "x", notesPrivate: true },
    ],
    bad: [
      [{ date: "2026-06-16", mood: 5 }, "date"],
      [{ date: "2023-02-29", mood: 5 }, "date"],
      [{ date: "2024-02-29", mood: 6 }, "date"],
      [{ date: "2024-01-01", mood: 11 }, "mood"],
      [{ date: "2024-01-02", gratitudeNote: "   " }, "connection"],
      [{ date: "2024-01-03", mood: 5, spouse: "x" }, "spouse"],
      [{ mood: 5 }, "date"],
      ["Secret", ""],
    ],
  },
  activities: {
    good: [
      { name: "Museum", type: "learning", completedDate: "2019-05-05", rating: 8, costCents: 900, notes: "Rain" },
      { name: "Sail", type: "adventure", plannedDate: "2026-09-01" },
      { name: "Opera", type: "social", status: "cancelled", plannedDate: "2020-01-01" },
    ],
    bad: [
      [{ name: "x", type: "party" }, "type"],
      [{ name: "x", type: "custom", completedDate: "2026-06-16" }, "completedDate"],
      [{ name: "x", type: "custom", status: "completed" }, "completedDate"],
      [{ name: "x", type: "custom", status: "planned", completedDate: "2020-01-01" }, "completedDate"],
      [{ name: "x", type: "custom", rating: 5 }, "rating"],
      [{ name: " ", type: "custom" }, "name"],
    ],
  },
  dates: {
    good: [{ name: "First kiss", type: "anniversary", date: "2020-02-29", leapDay: "mar_1" }],
    bad: [
      [{ name: "x", type: "custom", date: "2020-02-30" }, "date"],
      [{ name: "x", type: "custom", date: "2020-02-03", repeats: "yearly", every: 3 }, "every"],
      [{ name: "x", type: "custom", date: "2020-02-03", private: true }, "private"],
    ],
  },
};
const TABLES = { checkins: "daily_checkins", activities: "activities", dates: "important_dates" } as const;
type Kind = keyof typeof TABLES;
const KINDS = Object.keys(TABLES) as Kind[];

const storedRows = (couple: TestCouple, kind: Kind) =>
  rowsOf(couple, `SELECT * FROM ${TABLES[kind]} ORDER BY import_id, created_at, id`);

it.each(KINDS)(
  "names each broken row of %s and its field, never its words, and imports none or the rest",
  async (kind) => {
    const couple = await createCouple();
    const { good, bad } = FILES[kind] ?? { good: [], bad: [] };
    const rows = [...good, ...bad.map(([row]) => row)] as object[];
    const refused = await bring(couple.a, kind, rows);
    expect(refused).toMatchObject({ importId: null, added: 0, counts: { ok: good.length, errors: bad.length } });
    const broken = bad.map(([, path], index) => [good.length + index + 1, good.length + index + 1, "error", path]);
    expect(outcomes(refused)).toEqual([[1, good.length, "ok"], ...broken]);
    expect(JSON.stringify(refused)).not.toContain("Secret");
    expect(await storedRows(couple, kind)).toEqual([]);
    expect(await couple.a.run("imports.list")).toEqual({ items: [], nextCursor: null });
    expect(await bring(couple.a, kind, rows, { skipBroken: true })).toMatchObject({ added: good.length });
    expect(await storedRows(couple, kind)).toHaveLength(good.length);
    expect(await bring(couple.a, kind, good)).toMatchObject({
      importId: null,
      added: 0,
      counts: { skipped: good.length },
    });
  },
);

it("keeps what a row of an activity says", async () => {
  const { a } = await createCouple();
  await bring(
    a,
    "activities",
    "Name,Type,Completed date,rating,cost_cents,notes\nMuseum,learning,2019-05-05,8,900,Rain\n",
  );
  const { items } = await a.run<Page<object>>("activities.list");
  expect(items).toMatchObject([
    {
      name: "Museum",
      status: "completed",
      completedDate: "2019-05-05",
      costCents: 900,
      currency: "USD",
      notes: "Rain",
    },
  ]);
  expect(items).toMatchObject([{ ratings: [{ userId: a.userId, rating: 8 }], version: 1 }]);
  await a.run("activities.plan", { name: "Older entry, newer day", type: "custom" });
  await bring(a, "activities", [{ name: "Long ago", type: "custom", completedDate: "2001-01-01" }]);
  const listed = await a.run<Page<{ name: string }>>("activities.list");
  expect(listed.items.map(({ name }) => name)).toEqual(["Older entry, newer day", "Museum", "Long ago"]);
});

it.each([
  ["json", "{", "text"],
  ["json", '{"rows":[]}', "text"],
  ["csv", "name,mood\n", "column 1"],
  ["csv", "date,mood,Mood\n", "column 3"],
  ["csv", '"date\n', "text"],
  ["csv", "date,mo\u0000od\n2020-01-01,5\n", "column 2"],
  ["csv", `date\n${"x\n".repeat(10_001)}`, "text"],
])("refuses a file that is none: %s %#", async (format, text, path) => {
  const { a } = await createCouple();
  const error = await a.refused("imports.run", { kind: "checkins", format, text });
  expect([error.code, error.details?.issues?.[0]?.path]).toEqual(["invalid_input", path]);
});

it.each([
  ["a byte order mark", "json", '\uFEFF[{"date":"2020-01-01","mood":5}]', [[1, 1, "ok"]]],
  [
    "lines of separators and spaces",
    "csv",
    "\n,\ndate,mood\n2020-01-01,5\n,\n   \n , \n2020-01-02,6\n,\n",
    [[4, 8, "ok"]],
  ],
  [
    "a character in one cell that cannot be stored",
    "csv",
    "date,highlight\n2020-01-01,a\u0000b\n2020-01-02,c\n",
    [
      [2, 2, "error", "highlight"],
      [3, 3, "ok"],
    ],
  ],
])("reads a file with %s", async (_name, format, text, expected) => {
  const { a } = await createCouple();
  const result = await a.run<RunOutput>("imports.run", { kind: "checkins", format, text, dryRun: true });
  expect(outcomes(result)).toEqual(expected);
});

it("keeps no report of what changed nothing, the beginning of another, and bounds what strange columns take", async () => {
  const couple = await createCouple();
  const receipts = () => rowsOf<{ size: number }>(couple, "SELECT length(result) AS size FROM command_receipts");
  const strange = Array.from({ length: 2_000 }, () => ({ ["\u0001".repeat(64)]: 1, [`a${"\u0001".repeat(63)}`]: 1 }));
  const file = { kind: "checkins", format: "json" };
  const dry = { ...file, text: JSON.stringify(strange), dryRun: true };
  const [commandId, nothing] = [uuidv7(NOON), uuidv7(NOON)];
  const said = await couple.a.run<RunOutput>("imports.run", dry, { commandId: nothing });
  expect(said.counts.errors).toBe(2_000);
  expect(JSON.stringify(said).length).toBeLessThan(300_000);
  expect(await couple.a.run("imports.run", dry, { commandId: nothing })).toEqual(said);
  await couple.a.run("imports.run", { ...dry, dryRun: false });
  expect(await receipts()).toEqual([]);

  const mixed = Array.from({ length: 1_000 }, (_, day) =>
    day % 2 ? 1 : { date: addDays("2001-01-01", day), mood: 5 },
  );
  const real = { ...file, text: JSON.stringify(mixed), skipBroken: true };
  const first = await couple.a.run<RunOutput>("imports.run", real, { commandId });
  expect([first.added, first.report.length]).toEqual([500, 1_000]);
  const again = await couple.a.run<RunOutput>("imports.run", real, { commandId });
  expect(again).toEqual({ ...first, report: first.report.slice(0, 100) });
  expect((await receipts()).map(({ size }) => size < 20_000)).toEqual([true]);
});

const fileRow = fc.record(
  {
    date: fc.constantFrom("2024-01-01", "2024-01-02", "2026-06-14", "2026-06-16", "nonsense"),
    completedDate: fc.constantFrom("2024-01-01", "2026-06-16"),
    name: fc.constantFrom("A", "B", ""),
    type: fc.constantFrom("custom", "anniversary", "learning"),
    mood: fc.constantFrom(1, 5, 12, "5"),
  },
  { requiredKeys: [] },
);
const imported = fc.record({
  kind: fc.constantFrom(...KINDS),
  rows: fc.array(fileRow, { maxLength: 6 }),
  skipBroken: fc.boolean(),
  isPrivate: fc.boolean(),
});

const COLUMNS: Record<Kind, readonly string[]> = {
  checkins: ["date", "mood"],
  activities: ["name", "type", "completedDate"],
  dates: ["name", "type", "date"],
};

/** What an import can change, in one question to the object. */
const stateOf = (couple: TestCouple) =>
  rowsOf(
    couple,
    `SELECT (SELECT json_group_array(id || row_version || import_id) FROM daily_checkins) AS checkins,
       (SELECT json_group_array(id || row_version || import_id) FROM activities) AS activities,
       (SELECT json_group_array(id || row_version || import_id) FROM important_dates) AS dates,
       (SELECT json_group_array(id || rows_added) FROM imports) AS imports,
       (SELECT json_group_array(name || data) FROM relationship_events) AS events`,
  );

it("does exactly what a dry run said, which changes nothing", async () => {
  const couple = await createCouple();
  await fc.assert(
    fc.asyncProperty(imported, async ({ kind, rows, skipBroken, isPrivate }) => {
      const some = rows.map((row) => {
        return Object.fromEntries(Object.entries(row).filter(([key]) => COLUMNS[kind].includes(key)));
      });
      const options = { skipBroken, private: isPrivate };
      const before = await stateOf(couple);
      const dry = await bring(couple.a, kind, some, { ...options, dryRun: true });
      expect(await stateOf(couple)).toEqual(before);
      const { importId, ...real } = await bring(couple.a, kind, some, options);
      expect({ ...real, importId: null, dryRun: true }).toEqual(dry);
      const written = await rowsOf(couple, `SELECT id FROM ${TABLES[kind]} WHERE import_id = ?`, importId);
      expect(written).toHaveLength(real.added);
    }),
    { numRuns: 25, seed: 20_261_123 },
  );
});

it("takes an import back, but for what was changed since", async () => {
  const couple = await createCouple();
  const { a, b } = couple;
  const { good } = FILES["activities"] ?? { good: [] };
  const activities = await bring(a, "activities", good);
  const { items } = await b.run<Page<{ id: string; name: string }>>("activities.list");
  const museum = items.find(({ name }) => name === "Museum")?.id;
  await b.run("activities.rate", { id: museum, rating: 3 });
  const days = await bring(a, "checkins", "date,mood\n2026-06-14,4\n2026-06-13,4\n", {}, NOON + 1);
  await a.run("checkins.submit", { date: "2026-06-13", mood: 6 });
  for (const id of [activities.importId, days.importId]) {
    expect(await b.refused("imports.undo", { id })).toMatchObject({ code: "not_found" });
  }
  expect(await a.run("imports.undo", { id: activities.importId })).toMatchObject({ removed: 2, kept: 1 });
  expect(await a.run("imports.undo", { id: days.importId })).toMatchObject({ removed: 1, kept: 1 });
  expect(await a.refused("imports.undo", { id: days.importId })).toMatchObject({ details: { current: "undone" } });
  expect((await a.run<Page<{ name: string }>>("activities.list")).items).toMatchObject([{ name: "Museum" }]);
  expect((await a.run<Page<Import>>("imports.list")).items.map(({ kind, rowsAdded }) => [kind, rowsAdded])).toEqual([
    ["checkins", 2],
    ["activities", 3],
  ]);
  expect(await b.run("imports.list")).toEqual({ items: [], nextCursor: null });
});

it.each(["activities", "dates"] as const)(
  "takes %s back without a word of a photo that its owner cannot see",
  async (kind) => {
    const couple = await createCouple();
    const row = { name: "Gala", type: "custom", ...(kind === "dates" ? { date: "2020-01-01" } : {}) };
    const { importId } = await bring(couple.a, kind, [row, { ...row, name: "Ball" }, { ...row, name: "Fair" }]);
    const subjects = await rowsOf<{ id: string }>(couple, `SELECT id FROM ${TABLES[kind]} ORDER BY id`);
    const hang = async (index: number, more: object): Promise<string> => {
      const subject = { kind: kind === "dates" ? "date" : "activity", id: subjects[index]?.id };
      const photo = { contentType: "image/png", sizeBytes: 9, subject, ...more };
      return (await couple.b.run<{ id: string }>("photos.reserve", photo)).id;
    };
    const [secret, shown] = [await hang(0, { private: true }), await hang(1, {})];
    await rowsOf(couple, "UPDATE photos SET status = 'stored'");
    const waiting = await hang(2, {});
    expect(await couple.a.run("imports.undo", { id: importId })).toMatchObject({ removed: 2, kept: 1 });
    const photos = await rowsOf(couple, "SELECT id, subject_id FROM photos ORDER BY id");
    const expected = [secret, shown, waiting].map((id, index) => ({
      id,
      subject_id: index === 1 ? subjects[1]?.id : null,
    }));
    expect(photos).toEqual(expected.toSorted((one, other) => (one.id < other.id ? -1 : 1)));
  },
);

it.each(KINDS)("keeps %s that were brought in for oneself from the partner", async (kind) => {
  const solo = await createSolo();
  const couple = await join(solo, "UTC", NOON);
  const views = async () => {
    const names = [
      "insights.dashboard",
      "activities.list",
      "dates.all",
      "checkins.list",
      "achievements.list",
      "imports.list",
    ];
    const seen = await Promise.all(names.map((name) => couple.b.reply(name)));
    const log = (await eventsOf(couple)).filter(({ stream }) => stream !== couple.a.userId);
    return JSON.stringify([seen, log]);
  };
  const before = await views();
  // All of these days lie before the partner came.
  const { added, importId } = await bring(couple.a, kind, FILES[kind]?.good ?? [], { private: true });
  expect(added).toBe(FILES[kind]?.good.length);
  expect(await views()).toBe(before);
  await couple.a.run("imports.undo", { id: importId });
  expect(await views()).toBe(before);
});

it("shows scores of days together and keeps the notes, where an import is private", async () => {
  const couple = await join(await createSolo(), "UTC", NOON - 20 * 86_400_000);
  const rows = [
    { date: "2026-05-01", mood: 3, highlight: "Before" },
    { date: "2026-06-10", mood: 3, highlight: "Together" },
  ];
  await bring(couple.a, "checkins", rows, { private: true });
  const { items } = await couple.b.run<Page<object>>("checkins.list");
  expect(items).toMatchObject([{ date: "2026-06-10", mood: 3, highlight: null }]);
  const told = (await eventsOf(couple, "import.added")).map(({ stream, data }) => [stream, data]);
  const one = '{"kind":"checkins","rows":1}';
  expect(told).toHaveLength(2);
  expect(told).toEqual(
    expect.arrayContaining([
      ["couple", one],
      [couple.a.userId, one],
    ]),
  );
});

it("takes 10,000 rows with broken ones, and reports every line", async () => {
  const couple = await createCouple();
  const lines = Array.from({ length: 10_000 }, (_, index) => {
    const date = addDays("1999-01-01", index % 9_990);
    return index % 4 === 3 ? `${date},12,Broken` : `${date},7,"Note, of a day"`;
  });
  const text = `date,mood,highlight\n${lines.join("\n")}\n`;
  const { counts, report, added } = await bring(couple.a, "checkins", text, { skipBroken: true });
  expect(counts).toEqual({ rows: 10_000, ok: added, skipped: 0, errors: 10_000 - added });
  expect(await rowsOf(couple, "SELECT COUNT(*) AS n FROM daily_checkins")).toEqual([{ n: added }]);
  expect(report.filter(({ issues }) => issues !== undefined)).toHaveLength(1_000);
  const covered = report.flatMap(({ fromLine, toLine }: ReportEntry) => toLine - fromLine + 1);
  expect(covered.reduce((sum, lines_) => sum + lines_, 0)).toBe(10_000);
});
