import { expect, it } from "vitest";
import { demoMonth } from "../../scripts/demo-month.ts";
import { MONTH_DAYS, ZONES } from "../../scripts/demo-steps.ts";
import { instantOf } from "../../scripts/local-time.ts";
import { addDays, localDate } from "../../src/domain/calendar.ts";
import { findOperation } from "../../src/domain/registry.ts";
import { newId, type IdKind } from "../../src/protocol/ids.ts";
import { DAY_MS } from "../../src/protocol/limits.ts";

const KIND_OF_MADE: Record<string, IdKind> = {
  "activities.plan": "activity",
  "goals.create": "goal",
  "challenges.start": "participation",
  "conversations.log": "conversation",
};

// An ordinary one, both changes of clocks (which Lisbon and New York make on different days), a leap day in the middle.
const STARTS = ["2026-06-10", "2026-10-20", "2027-03-05", "2028-02-12", "2026-12-20"];

it.each(STARTS)(
  "the demo's month from %s on is made of inputs that the commands take, in the order of time",
  (start) => {
    const made = new Map<string, string>();
    const keys = new Set<string>();
    let at = 0;
    for (const step of demoMonth(start)) {
      const operation = findOperation(step.name);
      if (step.question !== undefined) made.set(`question of ${step.question}`, "everyday");
      const input = step.input((key) => made.get(key) ?? `nothing made by ${key} before ${step.key}`);
      const success = operation?.kind === "command" && operation.input.safeParse(input).success;
      expect({ key: step.key, success }).toEqual({ key: step.key, success: true });
      expect(step.at).toBeGreaterThanOrEqual(at);
      expect(keys).not.toContain(step.key);
      keys.add(step.key);
      at = step.at;
      const kind = KIND_OF_MADE[step.name];
      if (kind !== undefined) made.set(step.key, newId(kind, step.at));
    }
  },
);

it.each(STARTS)("each check-in of the month from %s on is entered on its own day by its author's calendar", (start) => {
  const checkins = demoMonth(start).filter(({ name }) => name === "checkins.submit");
  expect(checkins).toHaveLength(2 * MONTH_DAYS - 3);
  for (const { at, who, input } of checkins) {
    expect(input(() => "")).toMatchObject({ date: localDate(at, ZONES[who]) });
  }
});

it("the question of the second last day is answered by both, that of the last by one, on the couple's own days", () => {
  for (const start of STARTS) {
    const answers = demoMonth(start).filter(({ name }) => name === "questions.answer");
    expect(answers.map(({ who }) => who)).toEqual(["grace", "ada", "grace"]);
    const last = answers.at(-1);
    expect(last?.input(() => "")).toMatchObject({ date: localDate(last?.at ?? 0, ZONES.ada) });
  }
});

it("finds the instant of a wall clock, in summer and winter and where a change of clocks skips an hour", () => {
  expect(instantOf("2026-07-01", "12:00", "Europe/Lisbon")).toBe(Date.UTC(2026, 6, 1, 11));
  expect(instantOf("2026-12-01", "00:30", "America/New_York")).toBe(Date.UTC(2026, 11, 1, 5, 30));
  expect(instantOf("2026-03-08", "02:30", "America/New_York")).toBe(Date.UTC(2026, 2, 8, 6, 30));
  for (let day = 0; day < 400; day++) {
    const date = addDays("2026-01-01", day);
    const instant = instantOf(date, "18:00", "Europe/Lisbon");
    expect(localDate(instant, "Europe/Lisbon")).toBe(date);
    expect(Math.abs(instant - Date.parse(`${date}T18:00:00Z`))).toBeLessThan(DAY_MS);
  }
});
