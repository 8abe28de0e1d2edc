import { addDays, dayNumber } from "../../src/domain/calendar.ts";
import { DAY_MS, HOUR_MS } from "../../src/protocol/limits.ts";
import type { TestCouple, TestMember } from "../support/couple.ts";

export const FIRST_DAY = "2026-06-15";
export const dayAt = (k: number): string => addDays(FIRST_DAY, k);
export const noonAt = (k: number): number => dayNumber(dayAt(k)) * DAY_MS + 12 * HOUR_MS;

/** Does one thing on day `k`, counted from the first. */
export type Step = (couple: TestCouple) => Promise<unknown>;

const times = (count: number, step: (couple: TestCouple, k: number) => Promise<unknown>): Step[] =>
  Array.from({ length: count }, (_, k) => (couple: TestCouple) => step(couple, k));

export function run(member: TestMember, k: number, name: string, input: object): Promise<Record<string, unknown>> {
  return member.run(name, input, { now: noonAt(k) });
}

export async function bothCheckIn({ a, b }: TestCouple, k: number): Promise<void> {
  await run(a, k, "checkins.submit", { date: dayAt(k), mood: 7 });
  await run(b, k, "checkins.submit", { date: dayAt(k), mood: 7 });
}

export async function start(member: TestMember, challengeId: string, k = 0): Promise<string> {
  return String((await run(member, k, "challenges.start", { challengeId }))["id"]);
}

/** The id of the couple's newest participation; of two that began in one millisecond it may be either. */
export async function participation({ a }: TestCouple): Promise<string> {
  const { items } = await a.run<{ items: { id: string }[] }>("challenges.list", { limit: 1 });
  return items[0]?.id ?? "";
}

export async function entry(
  member: TestMember,
  couple: TestCouple,
  k: number,
  id: string | null = null,
): Promise<unknown> {
  const participationId = id ?? (await participation(couple));
  return run(member, k, "challenges.log_entry", { participationId, date: dayAt(k), completed: true });
}

async function perfectDay(couple: TestCouple, k: number): Promise<void> {
  if (k === 0) await start(couple.a, "communication_boost");
  await bothCheckIn(couple, k);
  await entry(couple.a, couple, k);
  await entry(couple.b, couple, k);
}

const activity = (type: string): Step => {
  return ({ a }) => run(a, 0, "activities.log", { name: "x", type });
};

/** For each achievement what leads to it: the last step earns it, and none before does. */
export const ROADS: Readonly<Record<string, readonly Step[]>> = {
  first_checkin: [({ a }) => run(a, 0, "checkins.submit", { date: FIRST_DAY, mood: 5 })],
  week_streak: times(7, bothCheckIn),
  month_streak: times(30, bothCheckIn),
  goal_setter: [({ a }) => run(a, 0, "goals.create", { name: "x", type: "custom" })],
  goal_achiever: [
    ({ a }) => run(a, 0, "goals.create", { name: "x", type: "custom", targetCount: 2 }),
    async ({ a }) => {
      const { items } = await a.run<{ items: { id: string }[] }>("goals.list");
      await run(a, 0, "goals.add_progress", { id: items[0]?.id, delta: 1 });
    },
    async ({ b }) => {
      const { items } = await b.run<{ items: { id: string }[] }>("goals.list");
      await run(b, 0, "goals.add_progress", { id: items[0]?.id, delta: 1 });
    },
  ],
  date_planner: [
    ...times(4, ({ b }) => run(b, 0, "activities.log", { name: "x", type: "date_night" })),
    activity("social"),
    activity("date_night"),
  ],
  challenge_starter: [({ b }) => start(b, "adventure_month")],
  challenge_finisher: [
    ({ a }) => start(a, "daily_gratitude_7"),
    ...times(7, (couple, k) => entry(couple.a, couple, k)),
    ...times(7, (couple, k) => {
      const { b } = couple;
      return participation(couple).then((participationId) => {
        const input = { participationId, date: dayAt(k), completed: true, offline: true };
        return run(b, 6, "challenges.log_entry", input);
      });
    }),
  ],
  communicator: [
    ({ a }) => run(a, 0, "conversations.log", { type: "planning" }),
    ...times(10, ({ a, b }, k) => run(k % 2 === 0 ? a : b, 0, "conversations.log", { type: "deep_talk" })),
  ],
  anniversary_keeper: [
    ({ a }) => run(a, 0, "dates.add", { name: "Met", type: "anniversary", date: "2020-06-16" }),
    activity("social"),
    ({ b }) => run(b, 2, "activities.log", { name: "x", type: "social", completedDate: "2026-06-16" }),
  ],
  perfect_week: times(7, perfectDay),
  adventure_seeker: [activity("adventure"), activity("learning"), activity("adventure"), activity("exercise")],
  gratitude_master: times(30, async ({ a, b }, k) => {
    const note = { date: dayAt(k), gratitudeNote: "Tea" };
    if (k < 29) await run(b, k, "checkins.submit", note);
    await run(a, k, "checkins.submit", note);
  }),
};
