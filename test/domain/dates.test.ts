import { expect, it } from "vitest";
import type { ImportantDate } from "../../src/domain/dates/schema.ts";
import type { Page } from "../../src/domain/paging.ts";
import { createCouple, createSolo, join, NOON, type TestMember } from "../support/couple.ts";
import { eventsOf, rowsOf } from "../support/object.ts";

const add = (member: TestMember, name: string, date: string, more: object = {}) =>
  member.run<ImportantDate>("dates.add", { name, type: "custom", date, ...more });
const upcoming = async (member: TestMember, days?: number) => {
  const { items } = await member.run<{ items: ImportantDate[] }>("dates.list", days === undefined ? {} : { days });
  return items.map((item) => [item.name, item.nextDate]);
};

it("lists what comes in 60 days, the soonest first, with next year's date of a recurring one", async () => {
  const { a, b } = await createCouple();
  await add(a, "over", "2026-06-14");
  await add(a, "concert", "2026-08-01");
  await add(b, "birthday", "1990-07-01", { type: "birthday" });
  await add(b, "rent", "2026-01-31", { repeats: "monthly" });
  await add(a, "wedding", "2015-09-01", { type: "anniversary" });
  expect(await upcoming(a)).toEqual([
    ["rent", "2026-06-30"],
    ["birthday", "2026-07-01"],
    ["concert", "2026-08-01"],
  ]);
  expect(await upcoming(b, 30)).toEqual([
    ["rent", "2026-06-30"],
    ["birthday", "2026-07-01"],
  ]);
});

it("repeats anniversaries, birthdays and holidays yearly unless told otherwise", async () => {
  const { a } = await createCouple();
  for (const type of ["anniversary", "birthday", "holiday"]) {
    expect(await add(a, type, "2020-01-01", { type })).toMatchObject({ repeats: "yearly", reminderDaysBefore: 7 });
  }
  expect(await add(a, "once", "2020-01-01", { type: "milestone" })).toMatchObject({ repeats: "none", nextDate: null });
  expect(await add(a, "told", "2020-01-01", { type: "birthday", repeats: "none" })).toMatchObject({ repeats: "none" });
});

it("changes only what is sent and removes for good", async () => {
  const couple = await createCouple();
  const date = await add(couple.a, "x", "2026-07-01", { description: "d" });
  const edit = { id: date.id, version: 1, description: null, repeats: "monthly" };
  const changed = await couple.b.run("dates.update", edit);
  expect(changed).toEqual({ ...date, description: null, repeats: "monthly", version: 2 });
  expect(await couple.a.run("dates.remove", { id: date.id })).toEqual({ id: date.id });
  expect(await couple.a.refused("dates.update", { id: date.id, version: 2 })).toMatchObject({ code: "not_found" });
  expect((await eventsOf(couple)).map((event) => event.name)).toEqual(
    expect.arrayContaining(["date.added", "date.updated", "date.removed"]),
  );
});

it("pages through all dates", async () => {
  const { a } = await createCouple();
  for (let i = 0; i < 5; i++) {
    await a.run("dates.add", { name: `d${i}`, type: "custom", date: "2020-01-01" }, { now: NOON + i });
  }
  const first = await a.run<Page<ImportantDate>>("dates.all", { limit: 3 });
  const rest = await a.run<Page<ImportantDate>>("dates.all", { limit: 3, cursor: first.nextCursor });
  expect([...first.items, ...rest.items].map((date) => date.name)).toEqual(["d4", "d3", "d2", "d1", "d0"]);
  expect(rest.nextCursor).toBeNull();
});

it("keeps a date that was added alone from the partner", async () => {
  const solo = await createSolo();
  const { id } = await add(solo.a, "mine", "2026-06-20");
  const couple = await join(solo, "UTC", NOON);
  expect(await upcoming(couple.b)).toEqual([]);
  expect(await upcoming(couple.a)).toHaveLength(1);
  expect(await couple.b.refused("dates.remove", { id })).toMatchObject({ code: "not_found" });
});

it("repeats every so many days or weeks, and 29 February as the couple chose", async () => {
  const { a } = await createCouple();
  await add(a, "tablets", "2026-06-01", { repeats: "days", every: 10 });
  await add(a, "dance", "2026-06-03", { repeats: "weeks", every: 2 });
  const leap = await add(a, "leap", "2024-02-29", { repeats: "yearly", leapDay: "mar_1" });
  expect(await upcoming(a, 30)).toEqual([
    ["dance", "2026-06-17"],
    ["tablets", "2026-06-21"],
  ]);
  expect(leap).toMatchObject({ nextDate: "2027-03-01", every: 1, leapDay: "mar_1" });
  const edit = { id: leap.id, version: 1, repeats: "weeks", every: 3 };
  expect(await a.run("dates.update", edit)).toMatchObject({ repeats: "weeks", every: 3 });
  // Another unit makes the number meaningless.
  expect(await a.run("dates.update", { id: leap.id, version: 2, repeats: "yearly" })).toMatchObject({ every: 1 });
});

it("refuses an edit of an older version with the current row, or keeps both texts", async () => {
  const { a, b } = await createCouple();
  const { id } = await add(a, "x", "2026-07-01", { description: "from Ada" });
  await a.run("dates.update", { id, version: 1, description: "Ada again" });
  const stale = { id, version: 1, description: "from Grace", reminderDaysBefore: 1 };
  expect(await b.refused("dates.update", stale)).toMatchObject({
    code: "edit_conflict",
    details: { row: { id, description: "Ada again", version: 2, reminderDaysBefore: 7 } },
  });
  expect(await b.run("dates.update", { ...stale, keepBoth: true })).toMatchObject({
    description: "Ada again\n\nfrom Grace",
    reminderDaysBefore: 1,
    version: 3,
  });
});

it("keeps a private date from the partner until its author shares it", async () => {
  const couple = await createCouple();
  const { a, b } = couple;
  const hidden = await add(a, "surprise", "2026-06-20", { private: true });
  expect(hidden.isPrivate).toBe(true);
  for (const name of ["dates.list", "dates.upcoming", "dates.all"])
    expect(await b.run(name)).toMatchObject({ items: [] });
  for (const name of ["dates.get", "dates.share", "dates.remove"]) {
    expect(await b.refused(name, { id: hidden.id })).toMatchObject({ code: "not_found" });
  }
  expect(
    (await eventsOf(couple)).filter((event) => event.stream === "couple" && event.name.startsWith("date.")),
  ).toEqual([]);
  expect(await a.run("dates.share", { id: hidden.id })).toMatchObject({ isPrivate: false, version: 2 });
  expect(await b.run("dates.get", { id: hidden.id })).toMatchObject({ name: "surprise", createdBy: a.userId });
  expect(await a.refused("dates.share", { id: hidden.id })).toMatchObject({ code: "illegal_transition" });
});

it("shows whoever made a date in an earlier relationship as a former member, and does not let it be shared", async () => {
  const couple = await createCouple();
  const { id } = await add(couple.a, "theirs", "2026-06-20", { private: true });
  await rowsOf(couple, "UPDATE important_dates SET former_author = 1 WHERE id = ? RETURNING id", id);
  expect(await couple.a.run("dates.get", { id })).toMatchObject({ createdBy: "former_member" });
  expect(await couple.a.refused("dates.share", { id })).toMatchObject({ code: "forbidden" });
});

it("knows on which occurrence a date was last celebrated, by activities that the asker may see", async () => {
  const { a, b } = await createCouple();
  const { id } = await add(a, "met", "2020-06-14", { type: "anniversary" });
  const tablets = await add(a, "tablets", "2026-06-01", { repeats: "days", every: 7 });
  const celebrated = async (member: TestMember, dateId: string) =>
    (await member.run<ImportantDate>("dates.get", { id: dateId })).lastCelebrated;
  const done = { name: "Dinner", type: "date_night" };
  await a.run("activities.log", { ...done, completedDate: "2025-06-14" });
  await a.run("activities.log", { ...done, completedDate: "2026-06-13" });
  expect(await celebrated(b, id)).toBe("2025-06-14");
  await a.run("activities.log", { ...done, completedDate: "2026-06-14", private: true });
  expect([await celebrated(a, id), await celebrated(b, id)]).toEqual(["2026-06-14", "2025-06-14"]);
  await b.run("activities.log", { ...done, completedDate: "2026-06-08" });
  expect(await celebrated(a, tablets.id)).toBe("2026-06-08");
});

it("earns the anniversary achievement on a date that comes every few weeks", async () => {
  const couple = await createCouple();
  await add(couple.a, "dance", "2026-05-04", { repeats: "weeks", every: 3 });
  await couple.a.run("activities.log", { name: "x", type: "custom", completedDate: "2026-06-14" });
  expect(await eventsOf(couple, "achievement.earned")).toEqual([]);
  await couple.a.run("activities.log", { name: "x", type: "custom", completedDate: "2026-06-15" });
  expect((await eventsOf(couple, "achievement.earned")).map((event) => event.subject_id)).toEqual([
    "anniversary_keeper",
  ]);
});

it.each([
  [{ name: "x", type: "custom", date: "2026-02-30" }, "date"],
  [{ name: "x", type: "custom", date: "2026-01-01", repeats: "days", every: 0 }, "every"],
  [{ name: "x", type: "custom", date: "2026-01-01", repeats: "weeks", every: -1 }, "every"],
  [{ name: "x", type: "custom", date: "2026-01-01", repeats: "days", every: 1_001 }, "every"],
  [{ name: "x", type: "custom", date: "2026-01-01", repeats: "days", every: 1.5 }, "every"],
  [{ name: "x", type: "custom", date: "2026-01-01", repeats: "yearly", every: 2 }, "every"],
  [{ name: "x", type: "custom", date: "2026-01-01", leapDay: "mar_2" }, "leapDay"],
  [{ name: "x", type: "custom", date: "2025-02-29" }, "date"],
  [{ name: "x", type: "custom", date: "1899-12-31" }, "date"],
  [{ name: "x", type: "custom", date: "2026-01-01", reminderDaysBefore: 366 }, "reminderDaysBefore"],
  [{ name: "x", type: "custom", date: "2026-01-01", repeats: "weekly" }, "repeats"],
  [{ name: "", type: "custom", date: "2026-01-01" }, "name"],
])("names the field that is wrong: %#", async (input, path) => {
  const { a } = await createCouple();
  const error = await a.refused("dates.add", input);
  expect([error.code, error.details?.issues?.[0]?.path]).toEqual(["invalid_input", path]);
});
