import { uuidv7 } from "../src/protocol/ids.ts";

/** The commands that are measured: an edit of one row, which is what most commands are, and a plain insert. */
export const MEASURED_COMMANDS = ["checkins.submit", "activities.plan"] as const;
export type MeasuredCommand = (typeof MEASURED_COMMANDS)[number];

function inputOf(name: MeasuredCommand, number: number, now: number): unknown {
  const date = new Date(now).toISOString().slice(0, 10);
  if (name === "checkins.submit") {
    const score = (number % 10) + 1;
    return { date, connection: score, mood: score, highlight: "A walk along the river" };
  }
  return { name: `Dinner for two, number ${number}`, type: "date_night", plannedDate: date, location: "At home" };
}

function commandOf(name: MeasuredCommand, number: number): { id: string; name: string; input: unknown } {
  const now = Date.now();
  return { id: uuidv7(now), name, input: inputOf(name, number, now) };
}

/** `count` command frames. Contestants that know no commands parse and store the same bytes. */
export function commandFrames(name: MeasuredCommand, count: number): string[] {
  return Array.from({ length: count }, (_, number) => JSON.stringify({ type: "command", ...commandOf(name, number) }));
}

/** One frame of any command. */
export function commandFrame(name: string, input: object): string {
  return JSON.stringify({ type: "command", id: uuidv7(Date.now()), name, input });
}

/** `count` batch frames of `size` commands each. */
export function batchFrames(name: MeasuredCommand, count: number, size: number): string[] {
  return Array.from({ length: count }, (_, batch) => {
    const commands = Array.from({ length: size }, (_item, number) => commandOf(name, batch * size + number));
    return JSON.stringify({ type: "batch", commands });
  });
}

/** `count` query frames without input. */
export function queryFrames(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, number) =>
    JSON.stringify({ type: "query", id: `q${number}`, name, input: {} }),
  );
}
