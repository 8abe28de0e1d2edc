import { expect, it } from "vitest";
import { addDays, dayNumber } from "../../src/domain/calendar.ts";
import type { ChallengeEntry, Participation, Progress } from "../../src/domain/challenges/schema.ts";
import type { Page } from "../../src/domain/paging.ts";
import { DAY_MS } from "../../src/protocol/limits.ts";
import { createCouple, createSolo, join, NOON, type TestMember } from "../support/couple.ts";
import { eventsOf, rowsOf } from "../support/object.ts";

const TODAY = "2026-06-15";
const noonOf = (date: string) => dayNumber(date) * DAY_MS + 12 * 60 * 60 * 1_000;

interface Logged {
  entry: ChallengeEntry;
  participation: Participation;
  progress: Progress;
}

const start = (member: TestMember, challengeId = "daily_gratitude_7", more: object = {}, now = NOON) =>
  member.run<Participation>("challenges.start", { challengeId, ...more }, { now });
const log = (member: TestMember, participationId: string, date = TODAY, more: object = {}) =>
  member.run<Logged>(
    "challenges.log_entry",
    { participationId, date, completed: true, ...more },
    { now: noonOf(date) },
  );
const get = (member: TestMember, participationId: string, more: object = {}) =>
  member.run<{ participation: Participation; progress: Progress; entries: Page<ChallengeEntry> }>("challenges.get", {
    participationId,
    ...more,
  });

it("offers the eight challenges", async () => {
  const { a } = await createCouple();
  const { items } = await a.run<{ items: { id: string }[] }>("challenges.catalogue");
  expect(items).toHaveLength(8);
});

it("starts today with a target that is the duration later, and tells the partner", async () => {
  const couple = await createCouple();
  const begun = await start(couple.a, "date_night_weekly");
  expect(begun).toMatchObject({ startDate: TODAY, targetDate: "2026-07-13", status: "active", progress: 0 });
  const { items } = await couple.b.run<Page<{ subjectId: string }>>("inbox.list");
  expect(items.map((item) => item.subjectId)).toContain(begun.id);
});

it("has one live participation per challenge for the couple", async () => {
  const { a, b } = await createCouple();
  const { id } = await start(a);
  const challengeId = "daily_gratitude_7";
  expect(await b.refused("challenges.start", { challengeId })).toMatchObject({ code: "already_exists" });
  await a.run("challenges.pause", { participationId: id });
  expect(await b.refused("challenges.start", { challengeId })).toMatchObject({ code: "already_exists" });
  await start(b, "acts_of_service");
});

it("gives each member their own half: two partners on one day are not two days", async () => {
  const { a, b } = await createCouple();
  const { id } = await start(a);
  expect((await log(a, id)).progress).toEqual({
    couple: 7,
    isComplete: false,
    members: [
      { userId: a.userId, done: 1, expected: 7, percent: 14 },
      { userId: b.userId, done: 0, expected: 7, percent: 0 },
    ],
  });
  expect((await log(b, id)).progress.couple).toBe(14);
  expect(await a.run("challenges.list")).toMatchObject({ items: [{ id, progress: 14 }] });
});

it("completes by itself when both have done everything, and not one entry earlier", async () => {
  const couple = await createCouple();
  const { a, b } = couple;
  const { id } = await start(a);
  for (let k = 0; k < 7; k++) {
    await log(a, id, addDays(TODAY, k));
    if (k < 6) await log(b, id, addDays(TODAY, k));
  }
  expect((await get(b, id)).participation).toMatchObject({ status: "active", progress: 93, endDate: null });
  const last = await log(b, id, addDays(TODAY, 6));
  expect(last.participation).toMatchObject({ status: "completed", progress: 100, endDate: addDays(TODAY, 6) });
  expect(await eventsOf(couple, "challenge.completed")).toHaveLength(1);
  expect(await rowsOf(couple, "SELECT * FROM schedule WHERE kind = 'challenge.due'")).toEqual([]);
});

it("recomputes when an entry is edited, and keeps the words that are not sent", async () => {
  const { a } = await createCouple();
  const { id } = await start(a);
  const first = await log(a, id, TODAY, { content: "Thank you", reflection: "Warm" });
  const again = await log(a, id, TODAY, { version: 1, completed: false, reflection: null });
  expect(again.entry).toMatchObject({ id: first.entry.id, content: "Thank you", reflection: null, version: 2 });
  expect(again.progress.couple).toBe(0);
  expect((await log(a, id)).progress.couple).toBe(7);
});

it("replaces no words of an entry by an edit that names no version", async () => {
  const { a } = await createCouple();
  const { id } = await start(a);
  await log(a, id, TODAY, { reflection: "Warm" });
  const blind = { participationId: id, date: TODAY, completed: false };
  for (const reflection of ["Cold", null]) {
    const refusal = await a.refused("challenges.log_entry", { ...blind, reflection });
    const row = { reflection: "Warm", completed: true, version: 1 };
    expect(refusal).toMatchObject({ code: "edit_conflict", details: { row } });
  }
  const { entry } = await log(a, id, TODAY, { completed: false, content: "Tea", reflection: "Warm" });
  expect(entry).toMatchObject({ completed: false, content: "Tea", reflection: "Warm", version: 2 });
});

it.each([
  ["2026-06-18", { date: "2026-06-16" }, null],
  ["2026-06-18", { date: "2026-06-15" }, "date"],
  ["2026-06-18", { date: "2026-06-15", offline: true }, null],
  ["2026-06-18", { date: "2026-06-19" }, "date"],
  ["2026-06-18", { date: "2026-06-14", offline: true }, "date"],
  ["2026-07-25", { date: "2026-06-19", offline: true }, "date"],
])("on %s an entry %j is judged by the member's own days and the start", async (today, input, path) => {
  const { a } = await createCouple();
  const { id } = await start(a);
  const entry = { participationId: id, completed: true, ...input };
  const reply = await a.reply("challenges.log_entry", entry, { now: noonOf(today) });
  const refusal = { ok: false, error: { code: "invalid_input", details: { issues: [{ path }] } } };
  expect(reply).toMatchObject(path === null ? { ok: true } : refusal);
  expect((await get(a, id)).entries.items).toHaveLength(path === null ? 1 : 0);
});

it("accepts each member's own date on both sides of midnight", async () => {
  const { a, b } = await createCouple({ zones: ["Pacific/Kiritimati", "Pacific/Niue"] });
  const { id, startDate } = await start(b);
  expect(startDate).toBe(TODAY);
  await a.run("challenges.log_entry", { participationId: id, date: "2026-06-16", completed: true });
  const error = await b.refused("challenges.log_entry", { participationId: id, date: "2026-06-16", completed: true });
  expect(error.code).toBe("invalid_input");
});

it("moves the target by the days of a pause and takes entries of earlier days meanwhile", async () => {
  const { a, b } = await createCouple();
  const { id, targetDate } = await start(a);
  const run = (name: string, date: string) =>
    b.run<Participation>(name, { participationId: id }, { now: noonOf(date) });
  expect(await run("challenges.pause", "2026-06-17")).toMatchObject({ status: "paused", pausedDate: "2026-06-17" });
  await log(a, id, "2026-06-16");
  const entry = { participationId: id, date: "2026-06-17", completed: true };
  const refused = await a.refused("challenges.log_entry", entry, { now: noonOf("2026-06-17") });
  expect(refused).toMatchObject({ code: "illegal_transition", details: { current: "paused" } });
  const resumed = await run("challenges.resume", "2026-06-20");
  expect(resumed).toMatchObject({ status: "active", pausedDate: null, targetDate: addDays(targetDate, 3) });
  await run("challenges.pause", "2026-06-21");
  expect(await run("challenges.resume", "2026-06-22")).toMatchObject({ targetDate: addDays(targetDate, 4) });
});

it.each([
  ["active", { pause: true, resume: false, abandon: true, restart: false, log_entry: true }],
  ["paused", { pause: false, resume: true, abandon: true, restart: false, log_entry: false }],
  ["abandoned", { pause: false, resume: false, abandon: false, restart: true, log_entry: false }],
])("allows from %s exactly the legal moves", async (status, allowed) => {
  for (const [name, isLegal] of Object.entries(allowed)) {
    const { a } = await createCouple();
    const { id } = await start(a);
    if (status !== "active")
      await a.run(`challenges.${status === "paused" ? "pause" : "abandon"}`, { participationId: id });
    const entry = name === "log_entry" ? { date: TODAY, completed: true } : {};
    const reply = await a.reply(`challenges.${name}`, { participationId: id, ...entry });
    const refusal = { ok: false, error: { code: "illegal_transition", details: { current: status } } };
    expect({ name, ...reply }).toMatchObject({ name, ...(isLegal ? { ok: true } : refusal) });
  }
});

it("refuses to complete by hand what is not done, whatever its state", async () => {
  const { a } = await createCouple();
  const { id } = await start(a);
  const error = await a.refused("challenges.complete", { participationId: id });
  expect(error).toMatchObject({ code: "illegal_transition", details: { current: "active", progress: 0 } });
});

it("starts again on the same day after giving up, as a new participation", async () => {
  const couple = await createCouple();
  const first = await start(couple.a);
  await log(couple.a, first.id);
  await couple.a.run("challenges.abandon", { participationId: first.id });
  const again = await couple.b.run<Participation>("challenges.restart", { participationId: first.id });
  expect(again).toMatchObject({ status: "active", progress: 0, startDate: TODAY, challengeId: first.challengeId });
  expect(again.id).not.toBe(first.id);
  const started = await eventsOf(couple, "challenge.started");
  expect(started.map((event) => JSON.parse(event.data).restartOf)).toEqual([null, first.id]);
  expect(await couple.a.refused("challenges.restart", { participationId: first.id })).toMatchObject({
    code: "already_exists",
  });
});

it("pages through the entries of both, newest first", async () => {
  const { a, b } = await createCouple();
  const { id } = await start(a, "quality_time_30");
  for (let k = 0; k < 3; k++) {
    await log(a, id, addDays(TODAY, k));
    await log(b, id, addDays(TODAY, k));
  }
  const first = await get(a, id, { limit: 4 });
  const rest = await get(a, id, { limit: 4, cursor: first.entries.nextCursor });
  const items = [...first.entries.items, ...rest.entries.items];
  expect(items.map((item) => item.date.slice(8))).toEqual(["17", "17", "16", "16", "15", "15"]);
  expect(new Set(items.map((item) => item.id)).size).toBe(6);
});

it("keeps a challenge begun alone to its author, who finishes it alone, beside the couple's own", async () => {
  const solo = await createSolo();
  const mine = await start(solo.a);
  await log(solo.a, mine.id);
  const couple = await join(solo, "UTC", NOON);
  expect(await couple.b.refused("challenges.get", { participationId: mine.id })).toMatchObject({ code: "not_found" });
  expect(await couple.b.run("challenges.list")).toEqual({ items: [], nextCursor: null });
  // Nothing of it stands in the partner's way: same challenge, same start date.
  const ours = await start(couple.b);
  expect(ours).toMatchObject({ isPrivate: false, startDate: mine.startDate });
  for (let k = 1; k < 7; k++) await log(couple.a, mine.id, addDays(TODAY, k));
  expect((await get(couple.a, mine.id)).participation).toMatchObject({ status: "completed", isPrivate: true });
  const seen = (await eventsOf(couple)).filter((event) => event.stream !== couple.a.userId);
  expect(seen.some((event) => event.subject_id === mine.id)).toBe(false);
});

it.each([
  ["challenges.start", { challengeId: "nonsense" }, "challengeId"],
  ["challenges.start", { challengeId: "acts_of_service", startDate: "2026-06-30" }, "startDate"],
  ["challenges.list", { status: "done" }, "status"],
  ["challenges.get", { participationId: "part_1" }, "participationId"],
])("%s names the field that is wrong in %j", async (name, input, path) => {
  const { a } = await createCouple();
  const error = await a.refused(name, input);
  expect([error.code, error.details?.issues?.[0]?.path]).toEqual(["invalid_input", path]);
});
