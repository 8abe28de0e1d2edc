import { DAY_MS, HOUR_MS } from "../src/protocol/limits.ts";
import { inParallel } from "./statistics.ts";
import type { BenchCouple } from "./directory.ts";
import type { Product } from "./product.ts";
import type { SeedCommand } from "./worker.ts";

const ACTIVITIES = ["date_night", "quality_time", "adventure", "relaxation", "exercise"] as const;
/** One call of the seeding route holds about a month. */
const COMMANDS_PER_CALL = 100;
const SEEDED_AT_ONCE = 4;

/** Midnight UTC of the day that lies `daysAgo` days back. */
export function dayStart(daysAgo: number, now = Date.now()): number {
  return now - (now % DAY_MS) - daysAgo * DAY_MS;
}

/** What a couple that likes the product does on one day: both check in, and now and then something more. */
export function commandsOfDay({ members }: BenchCouple, startOfDay: number): SeedCommand[] {
  const [a, b] = members.map(({ userId }) => userId);
  if (a === undefined || b === undefined) return [];
  const day = startOfDay / DAY_MS;
  const date = new Date(startOfDay).toISOString().slice(0, 10);
  const score = (offset: number): number => ((day + offset) % 7) + 3;
  const commands: SeedCommand[] = [];
  const add = (hour: number, userId: string, name: string, input: object): void => {
    commands.push({ userId, name, input, now: startOfDay + hour * HOUR_MS });
  };
  const checkin = (offset: number): object => ({
    date,
    connection: score(offset),
    mood: score(offset + 1),
    satisfaction: score(offset + 2),
    ...(day % 2 === offset && { gratitudeNote: "That you made tea before I was awake" }),
  });
  // Nobody is perfect: streaks that break are what makes them cost something.
  if (day % 23 !== 0) add(8, a, "checkins.submit", checkin(0));
  if (day % 17 !== 0) add(21, b, "checkins.submit", checkin(1));
  if (day % 3 === 0) {
    const type = ACTIVITIES[(day / 3) % ACTIVITIES.length];
    add(19, a, "activities.log", { name: "An evening together", type, durationMinutes: 90, rating: score(3) });
  }
  if (day % 4 === 0) add(20, b, "conversations.log", { type: "deep_talk", topic: "What we want from the autumn" });
  if (day % 30 === 0) {
    add(10, a, "goals.create", { name: "Cook something new every week", type: "monthly", targetCount: 4 });
    add(11, b, "activities.plan", { name: "The theatre", type: "date_night", plannedDate: date });
  }
  return commands;
}

/** Lets couples live through the days from `fromDaysAgo` to `toDaysAgo`, by real commands with the clock of each day. */
export async function live(
  product: Product,
  couples: readonly BenchCouple[],
  fromDaysAgo: number,
  toDaysAgo: number,
): Promise<number> {
  const counts = await inParallel(couples, SEEDED_AT_ONCE, async (couple) => {
    const commands: SeedCommand[] = [];
    for (let ago = fromDaysAgo; ago >= toDaysAgo; ago--) commands.push(...commandsOfDay(couple, dayStart(ago)));
    for (let at = 0; at < commands.length; at += COMMANDS_PER_CALL) {
      const part = commands.slice(at, at + COMMANDS_PER_CALL);
      await product.call("seed", { relationshipId: couple.relationshipId, commands: part });
    }
    return commands.length;
  });
  return counts.reduce((total, count) => total + count, 0);
}
