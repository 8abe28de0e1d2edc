import { env, exports } from "cloudflare:workers";
import fc from "fast-check";
import ICAL from "ical.js";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { addDays, dayNumber } from "../../src/domain/calendar.ts";
import { renderCalendar, seriesOf, type CalendarEntry } from "../../src/domain/dates/ical.ts";
import { nextOccurrence, type Recurrence } from "../../src/domain/dates/recurrence.ts";
import { calendarAddress } from "../../src/http/calendar-address.ts";
import { newId } from "../../src/protocol/ids.ts";
import { createCouple, NOON, type TestCouple } from "../support/couple.ts";
import { leave } from "../support/departure.ts";
import { openSession, signedInPerson } from "../support/people.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOON });
});

afterEach(() => {
  vi.useRealTimers();
});

interface Account extends TestCouple {
  headers: { authorization: string };
}

async function newCouple(): Promise<Account> {
  const [a, b] = await Promise.all([signedInPerson({ now: NOON }), signedInPerson({ now: NOON })]);
  const couple = await createCouple({ userIds: [a.userId, b.userId], createdAt: NOON });
  return { ...couple, headers: (await openSession(a.userId, NOON)).headers };
}

async function addressOf({ relationshipId, headers }: Account): Promise<string | null> {
  const path = `https://api.example/api/relationships/${relationshipId}/calendar-feed`;
  const response = await exports.default.fetch(path, { headers });
  expect(response.headers.get("cache-control")).toBe("no-store");
  return ((await response.json()) as { address: string | null }).address;
}

async function subscribed(couple: Account): Promise<string> {
  await couple.a.run("dates.create_feed");
  return String(await addressOf(couple));
}

const fetched = (address: string, headers: Record<string, string> = {}) => exports.default.fetch(address, { headers });

function eventsIn(text: string) {
  const calendar = new ICAL.Component(ICAL.parse(text) as unknown[]);
  return calendar.getAllSubcomponents("vevent").map((component) => new ICAL.Event(component));
}

it("gives a member an address that a calendar application can read", async () => {
  const couple = await newCouple();
  expect(await addressOf(couple)).toBeNull();
  const { a, b } = couple;
  await b.run("dates.add", { name: "Ada, Grace; & co\nat home", type: "birthday", date: "1990-06-20" });
  await a.run("activities.plan", { name: "Boat", type: "adventure", plannedDate: "2026-07-01", location: "Harbour" });
  await a.run("membership.update_profile", { version: 1, startDate: addDays("2026-06-20", -100) });
  const address = await subscribed(couple);
  expect(await addressOf(couple)).toBe(address);
  const response = await fetched(address);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/calendar; charset=utf-8");
  expect(response.headers.get("cache-control")).toBe("private, no-cache");
  const events = eventsIn(await response.text());
  const shown = events.map((event) => [event.startDate.toString(), event.summary, event.isRecurring()]);
  expect(shown.slice(0, 3)).toEqual([
    ["1990-06-20", "Ada, Grace; & co\nat home", true],
    ["2026-07-01", "Boat", false],
    ["2026-06-20", "100 days together", false],
  ]);
  expect(events[1]?.location).toBe("Harbour");
  expect(new Set(events.map(({ uid }) => uid)).size).toBe(events.length);
});

it("shows my private things as busy without a word, and nothing at all of my partner's", async () => {
  const couple = await newCouple();
  const secret = "canary-words";
  for (const member of [couple.a, couple.b]) {
    const words = { name: secret, description: secret, private: true };
    await member.run("dates.add", { ...words, type: "custom", date: "2026-06-20", repeats: "monthly" });
    await member.run("activities.plan", { ...words, type: "custom", plannedDate: "2026-06-21", location: secret });
  }
  const text = await (await fetched(await subscribed(couple))).text();
  expect(text).not.toContain(secret);
  const events = eventsIn(text);
  expect(events.map((event) => [event.startDate.toString(), event.summary])).toEqual([
    ["2026-06-20", "Busy"],
    ["2026-06-21", "Busy"],
  ]);
});

it("answers 410 once it is replaced or revoked", async () => {
  const couple = await newCouple();
  const first = await subscribed(couple);
  const second = await subscribed(couple);
  expect([(await fetched(first)).status, (await fetched(second)).status]).toEqual([410, 200]);
  await couple.a.run("dates.revoke_feed");
  const refused = await fetched(second);
  expect([refused.status, await refused.json()]).toMatchObject([410, { error: { code: "gone" } }]);
  expect(await addressOf(couple)).toBeNull();
  expect(await couple.a.run("dates.get_feed_state")).toEqual({ id: null, createdAt: null });
});

it("answers 410 when the relationship is over and its object destroyed", async () => {
  const address = calendarAddress(env, newId("relationship", NOON), newId("feed", NOON));
  expect((await fetched(address)).status).toBe(410);
});

it("answers 410 after a parting, and for whoever is no member any more", async () => {
  const [parted, left] = [await newCouple(), await newCouple()];
  const [ofParted, ofLeft] = [await subscribed(parted), await subscribed(left)];
  await parted.b.run("membership.leave");
  expect((await fetched(ofParted)).status).toBe(410);
  // Whoever wants to be read no more may say so also then.
  expect(await parted.a.run("dates.revoke_feed")).toMatchObject({ id: null });
  await leave(left, [left.a.userId], NOON);
  expect((await fetched(ofLeft)).status).toBe(410);
});

it("answers 404 to an address that somebody made up, without asking any object", async () => {
  const couple = await newCouple();
  const address = await subscribed(couple);
  const key = String(new URL(address).searchParams.get("key"));
  const forged = [
    address.replace(key, `${key.slice(0, -2)}AA`),
    address.replace(/\?.*/, ""),
    address.replace(couple.relationshipId, newId("relationship", NOON)),
    address.replace(/feed_[^.]+/, newId("feed", NOON)),
    "https://api.example/calendar/x/y.ics?key=z",
  ];
  const get = vi.spyOn(Object.getPrototypeOf(env.RELATIONSHIP) as typeof env.RELATIONSHIP, "getByName");
  for (const each of forged) expect([each, (await fetched(each)).status]).toEqual([each, 404]);
  expect(get).not.toHaveBeenCalled();
  expect((await fetched(address)).status).toBe(200);
  expect(get).toHaveBeenCalled();
  get.mockRestore();
});

it("keeps its tag while nothing changes, and says so", async () => {
  const couple = await newCouple();
  await couple.a.run("dates.add", { name: "x", type: "custom", date: "2026-06-20" });
  const address = await subscribed(couple);
  const etag = String((await fetched(address)).headers.get("etag"));
  vi.setSystemTime(NOON + 3_600_000);
  const again = await fetched(address, { "if-none-match": etag });
  expect([again.status, await again.text()]).toEqual([304, ""]);
  await couple.a.run("dates.add", { name: "y", type: "custom", date: "2026-06-21" });
  expect((await fetched(address, { "if-none-match": etag })).status).toBe(200);
});

const entry = (more: Partial<CalendarEntry>): CalendarEntry => ({
  id: "date_1",
  date: "2026-06-20",
  rule: null,
  summary: "x",
  description: null,
  location: null,
  isBusy: false,
  version: 1,
  updatedAt: NOON,
  ...more,
});

it("folds at 75 octets, ends lines as the protocol says, and gives every text back as it was", () => {
  const texts = fc.string({
    unit: fc.constantFrom("a", "ü", "🎉", ",", ";", "\\", "\n", "\r\n", ":", '"', "漢"),
    maxLength: 120,
  });
  fc.assert(
    fc.property(texts, texts, (summary, description) => {
      const text = renderCalendar([entry({ summary, description })]);
      const lines = text.split("\r\n");
      expect(text.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
      expect(Math.max(...lines.map((line) => new TextEncoder().encode(line).byteLength))).toBeLessThanOrEqual(75);
      const [event] = eventsIn(text);
      expect(event?.summary).toBe(summary.replaceAll("\r\n", "\n"));
      expect(event?.description ?? "").toBe(description.replaceAll("\r\n", "\n"));
    }),
    { numRuns: 100 },
  );
});

it("is a valid calendar also when it is empty", () => {
  const calendar = new ICAL.Component(ICAL.parse(renderCalendar([])) as unknown[]);
  expect(calendar.getAllSubcomponents().map(({ name }) => name)).toEqual(["vtimezone"]);
});

it("says each recurrence so that a calendar expands it to the days that we show", () => {
  const days = fc.integer({ min: dayNumber("1995-01-01"), max: dayNumber("2030-12-31") });
  const dates = fc.oneof(
    days.map((day) => addDays("1970-01-01", day)),
    fc.constantFrom("2024-02-29", "2096-02-29", "2026-01-31", "2026-01-30", "2026-01-29", "2026-12-31"),
  );
  const recurrence: fc.Arbitrary<Recurrence> = fc
    .record({
      date: dates,
      repeats: fc.constantFrom("yearly", "monthly", "days", "weeks"),
      every: fc.integer({ min: 1, max: 60 }),
      leapDay: fc.constantFrom("feb_28", "mar_1"),
    })
    .map((drawn) => (drawn.repeats === "days" || drawn.repeats === "weeks" ? drawn : { ...drawn, every: 1 }));
  fc.assert(
    fc.property(recurrence, (drawn) => {
      const entries = seriesOf(drawn).map(({ date, rule }) => entry({ date, rule }));
      const expanded = eventsIn(renderCalendar(entries)).flatMap((event) => {
        const iterator = event.iterator();
        return Array.from({ length: 14 }, () => String(iterator.next()));
      });
      const ours: string[] = [];
      for (let from = drawn.date; ours.length < 14;) {
        const next = String(nextOccurrence(drawn, from));
        ours.push(next);
        from = addDays(next, 1);
      }
      expect(expanded.toSorted().slice(0, 14)).toEqual(ours);
    }),
    { numRuns: 100 },
  );
});
