import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { ACHIEVEMENTS } from "../../src/domain/achievements/catalogue.ts";
import { rebuildService, type Difference } from "../../src/domain/insights/rebuild.ts";
import { replayWhy } from "../../src/domain/insights/replay.ts";
import type { Why } from "../../src/domain/insights/why-schema.ts";
import { callService } from "../../src/relationship/stub.ts";
import { createCouple, createSolo, join, NOON, type TestCouple, type TestMember } from "../support/couple.ts";
import { rowsOf } from "../support/object.ts";
import { dayAt, noonAt, participation, ROADS, run } from "./achievements-steps.ts";

const LAST_DAY = 29;
const PERFECT_DAYS = 7;
/** What one couple can live through at once; the other two want challenges of their own. */
const TOGETHER = ["month_streak", "goal_achiever", "date_planner", "communicator", "anniversary_keeper"];

/** What that earns besides. */
const ALONG_THE_WAY = ["challenge_starter", "first_checkin", "goal_setter", "perfect_week", "week_streak"];

/** What some metrics count, written down once more. */
const COUNTS: Readonly<Record<string, string>> = {
  checkin_days: "SELECT DISTINCT checkin_date FROM daily_checkins",
  deep_talks: "SELECT id FROM communication_log WHERE communication_type = 'deep_talk'",
  date_nights_completed: "SELECT id FROM activities WHERE completed_date > '' AND activity_type = 'date_night'",
  goals_created: "SELECT id FROM shared_goals",
  goals_completed: "SELECT id FROM shared_goals WHERE completion_date > ''",
  challenges_started: "SELECT id FROM challenge_participation",
  gratitude_dates: "SELECT DISTINCT checkin_date FROM daily_checkins WHERE gratitude_note <> ''",
};

type Answer<S extends Why["subject"]> = Extract<Why, { subject: S }>;
const ask = (member: TestMember, input: object, k = LAST_DAY) =>
  member.run<Why>("insights.why", input, { now: noonAt(k) });

async function lived(roads: readonly string[]): Promise<TestCouple> {
  const couple = await createCouple();
  for (const road of roads) for (const step of ROADS[road] ?? []) await step(couple);
  return couple;
}

let couple: TestCouple;
let challenged: TestCouple;

beforeAll(async () => {
  [couple, challenged] = await Promise.all([lived(TOGETHER), lived(["perfect_week"])]);
});

describe("an answer to why", () => {
  it("replays every achievement, earned and open, from its rows alone", async () => {
    const earned: string[] = [];
    for (const [pair, k] of [[couple, LAST_DAY] as const, [challenged, PERFECT_DAYS - 1] as const]) {
      for (const { id, rule } of ACHIEVEMENTS) {
        const why = (await ask(pair.b, { subject: "achievement", id }, k)) as Answer<"achievement">;
        expect([id, replayWhy(why)]).toEqual([id, why.value]);
        if (why.earnedDate !== null && why.value === rule.threshold) earned.push(id);
        const { items } = await pair.b.run<{ items: { id: string; progress: number }[] }>(
          "achievements.list",
          {},
          { now: noonAt(k) },
        );
        expect([id, why.progress]).toEqual([id, items.find((item) => item.id === id)?.progress]);
        // Nothing was deleted in these lives.
        expect([id, why.value]).toEqual([id, why.progress]);
        const count = COUNTS[rule.metric];
        if (count === undefined) continue;
        const [row] = await rowsOf<{ n: number }>(pair, `SELECT COUNT(*) AS n FROM (${count})`);
        expect([id, why.value]).toEqual([id, Math.min(rule.threshold, row?.n ?? 0)]);
      }
    }
    expect([...new Set(earned)].toSorted()).toEqual([...TOGETHER, ...ALONG_THE_WAY].toSorted());
  });

  it("replays streaks, scores, points, goals and challenges, for both members", async () => {
    const { items } = await couple.a.run<{ items: { id: string }[] }>("goals.list");
    for (const member of [couple.a, couple.b]) {
      for (const of of ["mine", "partner", "ours"]) {
        const streak = (await ask(member, { subject: "streak", of })) as Answer<"streak">;
        expect([streak.value, replayWhy(streak)]).toEqual([30, 30]);
      }
      for (const k of [3, 15, LAST_DAY]) {
        const health = await ask(member, { subject: "health", date: dayAt(k) });
        const shown = await member.run<{ score: number }>(
          "insights.health",
          { date: dayAt(k) },
          { now: noonAt(LAST_DAY) },
        );
        expect([health.value, replayWhy(health)]).toEqual([shown.score, shown.score]);
        const engagement = await ask(member, { subject: "engagement", date: dayAt(k) });
        expect(replayWhy(engagement)).toBe(engagement.value);
      }
      const goal = await ask(member, { subject: "goal", id: items[0]?.id });
      expect([goal.value, replayWhy(goal)]).toEqual([100, 100]);
    }
    const challenge = await ask(challenged.a, { subject: "challenge", id: await participation(challenged) }, 6);
    expect(replayWhy(challenge)).toBe(challenge.value);
    expect(challenge.value).toBeGreaterThan(0);
  });

  it("lists of an earned badge the rows that earned it and are left, and none that came later", async () => {
    const pair = await createCouple();
    const ids: string[] = [];
    for (let k = 0; k < 14; k++)
      ids.push(String((await run(pair.a, k, "conversations.log", { type: "deep_talk" }))["id"]));
    for (const id of ids.slice(1, 7)) await run(pair.a, 14, "conversations.delete", { id });
    const left = [ids[0], ...ids.slice(7, 10)];
    const why = (await ask(pair.b, { subject: "achievement", id: "communicator" }, 15)) as Answer<"achievement">;
    expect(why).toMatchObject({ earnedDate: dayAt(9), progress: 10, value: 4 });
    expect(why.sources).toMatchObject({ kind: "rows", rows: left.map((id) => ({ id })) });
    expect(replayWhy(why)).toBe(4);
    const { items } = await pair.b.run<{ items: object[] }>("achievements.list");
    expect(items).toContainEqual(
      expect.objectContaining({ id: "communicator", isEarned: true, earnedDate: dayAt(9), progress: 10 }),
    );
  });

  it("shows the first run that earned a streak, however long it went on", async () => {
    const why = (await ask(couple.a, { subject: "achievement", id: "week_streak" })) as Answer<"achievement">;
    expect(why).toMatchObject({ earnedDate: dayAt(6), value: 7, sources: { facts: { until: dayAt(6) } } });
  });

  it("shows the ledger in pages whose sum is the balance", async () => {
    const rows: Answer<"points">["sources"] = [];
    let page: Answer<"points"> | undefined;
    do {
      const cursor = page?.nextCursor ?? undefined;
      page = (await ask(couple.a, { subject: "points", limit: 2, cursor })) as Answer<"points">;
      rows.push(...page.sources);
    } while (page.nextCursor !== null);
    expect(rows.length).toBeGreaterThan(4);
    expect(replayWhy({ ...page, sources: rows })).toBe(page.value);
    expect(replayWhy({ ...page, sources: rows.slice(1) })).not.toBe(page.value);
  });

  it("gives another number when one of its rows is taken away", async () => {
    const streak = (await ask(couple.a, { subject: "streak", of: "ours" })) as Answer<"streak">;
    const [first, ...others] = streak.sources.members;
    expect(
      replayWhy({
        ...streak,
        sources: {
          ...streak.sources,
          members: [...(first === undefined ? [] : [{ ...first, months: [] }]), ...others],
        },
      }),
    ).toBe(0);
    const health = (await ask(couple.a, { subject: "health" })) as Answer<"health">;
    expect(replayWhy({ ...health, sources: { ...health.sources, checkins: [] } })).toBeNull();
    const talks = (await ask(couple.a, { subject: "achievement", id: "communicator" })) as Answer<"achievement">;
    expect(replayWhy({ ...talks, sources: { kind: "rows", rows: [] } })).toBe(0);
  });

  it("is the same for the partner with and without what the other keeps private", async () => {
    const subjects = [
      ...["mine", "partner", "ours"].map((of) => ({ subject: "streak", of })),
      { subject: "health" },
      { subject: "engagement" },
      { subject: "points" },
      ...ACHIEVEMENTS.map(({ id }) => ({ subject: "achievement", id })),
    ];
    const solo = await createSolo();
    for (let k = 0; k < 3; k++)
      await run(solo.a, k, "checkins.submit", { date: dayAt(k), mood: 3, gratitudeNote: "Tea" });
    const { a, b } = await join(solo);
    const all = async (): Promise<string> =>
      JSON.stringify(await Promise.all(subjects.map((subject) => ask(b, subject, 3))));
    const before = await all();
    expect(before).not.toContain("chk_");
    await run(a, 3, "activities.log", { name: "x", type: "date_night", private: true });
    await run(a, 3, "conversations.log", { type: "deep_talk", private: true });
    const goal = await run(a, 3, "goals.create", { name: "x", type: "custom", private: true });
    await run(a, 3, "insights.opened", {});
    expect(await all()).toBe(before);
    expect((await b.refused("insights.why", { subject: "goal", id: goal["id"] })).code).toBe("not_found");
  });
});

const rebuild = async (of: TestCouple, apply: boolean): Promise<Difference[]> =>
  (await callService(env, of.relationshipId, rebuildService, { apply }, noonAt(LAST_DAY))).differences;

const RULES_WROTE = [
  "SELECT achievement_id, earned_date, earned_at, earned_by_user_id FROM user_achievements ORDER BY 1",
  "SELECT member_id, points, reason, subject_id, created_at FROM points ORDER BY subject_id",
  "SELECT id, progress_percentage FROM challenge_participation",
];
const dump = (of: TestCouple) => Promise.all(RULES_WROTE.map((query) => rowsOf(of, query)));

describe("a rebuild", () => {
  it("finds nothing to mend after a life of real commands", async () => {
    expect(await rebuild(couple, false)).toEqual([]);
    expect(await rebuild(challenged, false)).toEqual([]);
  });

  it("finds what was lost or bent, mends it with its old dates, and then finds nothing", async () => {
    const before = await dump(challenged);
    await rowsOf(challenged, "DELETE FROM user_achievements WHERE achievement_id IN ('perfect_week', 'first_checkin')");
    await rowsOf(challenged, "DELETE FROM points WHERE subject_id IN ('week_streak', 'first_checkin')");
    await rowsOf(challenged, "UPDATE points SET points = 9 WHERE subject_id = 'perfect_week'");
    await rowsOf(challenged, "UPDATE challenge_participation SET progress_percentage = 1");
    const found = await rebuild(challenged, false);
    expect(
      found.map(({ table, key }) => `${table} ${table === "challenge_participation" ? "" : key}`).toSorted(),
    ).toEqual([
      "challenge_participation ",
      "points first_checkin",
      "points perfect_week",
      "points week_streak",
      "user_achievements first_checkin",
      "user_achievements perfect_week",
    ]);
    expect(await dump(challenged)).not.toEqual(before);
    expect(await rebuild(challenged, true)).toEqual(found);
    expect(await rebuild(challenged, false)).toEqual([]);
    expect(await dump(challenged)).toEqual(before);
  });

  it("counts the log anew, and keeps an award whose ground is gone", async () => {
    const pair = await createCouple({ createdAt: NOON });
    const goal = await pair.a.run<{ id: string }>("goals.create", { name: "x", type: "custom" });
    await pair.a.run("goals.add_progress", { id: goal.id, delta: 1 });
    await pair.b.run("goals.update_status", { id: goal.id, status: "active" });
    // Folds the log, as a flush does.
    await rowsOf(pair, "INSERT INTO summary_cursors SELECT stream, MAX(seq) FROM relationship_events GROUP BY stream");
    const counters = await rebuild(pair, true);
    expect(counters.map(({ table, was }) => `${table} ${was}`)).toContain("event_summaries null");
    expect(counters.every(({ table }) => table === "event_summaries")).toBe(true);
    expect(await rebuild(pair, false)).toEqual([]);
    await rowsOf(pair, "UPDATE event_summaries SET event_count = 7 WHERE event_name = 'goal.created'");
    expect(await rebuild(pair, false)).toMatchObject([{ table: "event_summaries", was: 7, now: 1 }]);
    expect(await rowsOf(pair, "SELECT achievement_id FROM user_achievements")).toHaveLength(2);
  });
});
