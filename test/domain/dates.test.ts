import { expect, it } from "vitest";
import type { ImportantDate } from "../../src/domain/dates/schema.ts";
import type { Page } from "../../src/domain/paging.ts";
import { createCouple, createSolo, join, NOON, type TestMember } from "../support/couple.ts";
import { eventsOf } from "../support/object.ts";

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
  const changed = await couple.b.run("dates.update", { id: date.id, description: null, repeats: "monthly" });
  expect(changed).toEqual({ ...date, description: null, repeats: "monthly", version: 2 });
  expect(await couple.a.run("dates.remove", { id: date.id })).toEqual({ id: date.id });
  expect(await couple.a.refused("dates.update", { id: date.id })).toMatchObject({ code: "not_found" });
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

it.each([
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
