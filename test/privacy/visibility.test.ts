import { env } from "cloudflare:workers";
import { runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { HOUR_MS } from "../../src/protocol/limits.ts";
import type { TestCouple } from "../support/couple.ts";
import { connect } from "../support/socket-client.ts";
import { couple as newCouple, DAY_MS, DAYS, history, play, START, type Results, type Step } from "./history.ts";
import { answersOf, comparable, directoryOf, exportOf, refusalsFor, takenAlong, type View } from "./partner-view.ts";

let ids = 0;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: START });
  // Ids of one moment keep the order in which they were made, in both histories.
  vi.spyOn(crypto, "getRandomValues").mockImplementation((array) => {
    ids += 1;
    const bytes = new Uint8Array((array as unknown as Uint8Array).buffer);
    new DataView(bytes.buffer).setUint32(bytes.length - 4, ids);
    return array;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

interface Lived {
  couple: TestCouple;
  made: Results;
  done: string[];
  view: View;
}

/** Plays a history while Grace listens, lets the object do its own work each evening, and looks with Grace's eyes. */
async function live(steps: readonly Step[], options = { secrets: false }): Promise<Lived> {
  vi.setSystemTime(START);
  const couple = await newCouple(options);
  const stub = env.RELATIONSHIP.getByName(couple.relationshipId);
  const { socket } = await connect(couple.relationshipId, couple.b.userId, { sessionExpiresAt: START + 90 * DAY_MS });
  const [made, done, view]: [Results, string[], View] = [new Map(), [], new Map()];
  for (let day = 0; day <= DAYS; day++) {
    const evening = START + day * DAY_MS + 12 * HOUR_MS;
    for (const step of steps.filter(({ at }) => at < evening && at >= evening - DAY_MS)) {
      vi.setSystemTime(step.at);
      if (await play(couple, step, made)) done.push(step.name);
    }
    // After the hours at which reminders come, and at the end of the day.
    for (const hour of [1, 10, 12]) {
      vi.setSystemTime(START + day * DAY_MS + hour * HOUR_MS);
      await runDurableObjectAlarm(stub);
    }
  }
  const now = START + DAYS * DAY_MS + 13 * HOUR_MS;
  vi.setSystemTime(now);
  await socket.settle();
  // Without the round trip that only made sure of the rest.
  view.set("frames", JSON.stringify(socket.frames.filter(({ type }) => type !== "result").map(withoutClock)));
  const again = await connect(couple.relationshipId, couple.b.userId, { sessionExpiresAt: now + DAY_MS });
  view.set("snapshot on connecting", JSON.stringify(again.socket.frames.map(withoutClock)));
  const parts = [
    await answersOf(couple.b, made, now),
    await exportOf(couple.b, now),
    await directoryOf(couple),
    await takenAlong(couple.b),
  ];
  for (const part of parts) {
    for (const [name, text] of part) view.set(name, text);
  }
  socket.close();
  again.socket.close();
  return { couple, made, done, view };
}

/** Where two views differ, with a little of what stands there. */
function differences(a: Record<string, string>, b: Record<string, string>): string[] {
  return Object.entries(a).flatMap(([name, text]) => {
    const other = b[name] ?? "";
    if (text === other) return [];
    let at = 0;
    while (text[at] === other[at]) at += 1;
    const near = (each: string): string => each.slice(Math.max(0, at - 150), at + 150);
    return [`${name}: ${near(text)} <> ${near(other)}`];
  });
}

const withoutClock = (frame: object): object => ({ ...frame, serverTime: 0 });

const SEEDS = [1, 2];

/** Deeds of which the histories must have done each at least once in private. */
const PRIVATE_DEEDS = `activities.plan activities.update activities.cancel goals.update_status dates.update dates.remove
  conversations.update conversations.follow_up_done conversations.delete notes.update notes.delete challenges.pause
  challenges.abandon photos.reserve`.split(/\s+/);

it("shows the partner byte for byte the same with and without private entries", { timeout: 60_000 }, async () => {
  const done = new Set<string>();
  for (const seed of SEEDS) {
    const plain = await live(history(seed, { secrets: false }));
    const secret = await live(history(seed, { secrets: true }), { secrets: true });
    expect(secret.done.length).toBeGreaterThan(plain.done.length + 30);
    const [without, withThem] = [comparable(plain.view, plain.couple), comparable(secret.view, secret.couple)];
    expect(Object.keys(withThem)).toEqual(Object.keys(without));
    expect({ seed, differences: differences(without, withThem) }).toEqual({ seed, differences: [] });
    expect(JSON.stringify([...secret.view])).not.toContain("SECRET");
    const { hidden, unknown } = await refusalsFor(secret.couple.b, secret.made, Date.now());
    expect(hidden.length).toBeGreaterThan(5);
    expect(hidden).toEqual(unknown);
    expect(secret.done.filter((name) => name === "imports.run")).toHaveLength(3);
    expect(secret.done.slice(-2)).toEqual(["photos.reserve", "imports.undo"]);
    for (const name of secret.done) done.add(name);
  }
  expect(PRIVATE_DEEDS.filter((name) => !done.has(name))).toEqual([]);
});

it("would notice a single entry that is not private", { timeout: 30_000 }, async () => {
  const steps = history(1, { secrets: false }).slice(0, 20);
  const [plain, same] = [await live(steps), await live(steps)];
  expect(differences(comparable(plain.view, plain.couple), comparable(same.view, same.couple))).toEqual([]);
  const input = (): object => ({ name: "Walk", type: "custom" });
  const open = await live([...steps, { who: "a", name: "activities.log", at: START + DAY_MS + 30_500, input }]);
  const found = differences(comparable(plain.view, plain.couple), comparable(open.view, open.couple));
  expect(found.length).toBeGreaterThan(5);
});

it("leaves no trace of what is written into the private notes of a check-in", { timeout: 30_000 }, async () => {
  const submit = (more: object, at: number): Step => {
    const input = () => ({ date: "2031-03-03", ...more });
    return { who: "a", name: "checkins.submit", at, input };
  };
  const scores = { mood: 5, connection: 6 };
  const plain = await live([submit(scores, START)]);
  const secret = await live([
    submit({ ...scores, supportNeeded: "SECRET", notesPrivate: true }, START),
    submit({ highlight: "SECRET", gratitudeNote: "SECRET" }, START + 60_000),
    submit({ version: 2, highlight: null, supportNeeded: "SECRET still" }, START + DAY_MS),
  ]);
  expect(secret.done).toHaveLength(3);
  expect(differences(comparable(plain.view, plain.couple), comparable(secret.view, secret.couple))).toEqual([]);
  expect(JSON.stringify([...secret.view])).not.toContain("SECRET");
});
