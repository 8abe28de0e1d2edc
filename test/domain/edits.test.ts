import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { both, editTexts } from "../../src/domain/edits.ts";
import type { Goal } from "../../src/domain/goals/schema.ts";
import { createCouple } from "../support/couple.ts";
import { eventsOf, rowsOf } from "../support/object.ts";
import { connect, type SocketClient } from "../support/socket-client.ts";

type Row = Record<string, unknown> & { id: string; version: number };
type Result = Awaited<ReturnType<SocketClient["ask"]>>;

const today = (): string => new Date().toISOString().slice(0, 10);

function dataOf(result: Result): Row {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.data as Row;
}

interface Case {
  create: [string, object];
  edit: (row: Row) => [string, object];
  /** What is in the row now, as the socket's member sees it. */
  read: (socket: SocketClient, row: Row) => Promise<Row>;
  rowOf?: (data: Row) => Row;
  /** Two texts, a fact with two values, and how long the first text may be. */
  texts: [string, string];
  fact: [string, unknown, unknown];
  max: number;
  /** Whether the partner edits too; else it is another device of the author's. */
  byPartner: boolean;
}

const read =
  (name: string) =>
  async (socket: SocketClient, row: Row): Promise<Row> =>
    dataOf(await socket.ask("query", name, { id: row.id }));

const CASES: Record<string, Case> = {
  activities: {
    create: ["activities.plan", { name: "Walk", type: "adventure" }],
    edit: ({ id }) => ["activities.update", { id }],
    read: read("activities.get"),
    texts: ["description", "location"],
    fact: ["durationMinutes", 30, 60],
    max: 1000,
    byPartner: true,
  },
  goals: {
    create: ["goals.create", { name: "Read", type: "custom", targetCount: 9 }],
    edit: ({ id }) => ["goals.update", { id }],
    read: read("goals.get"),
    texts: ["description", "name"],
    fact: ["targetCount", 5, 7],
    max: 1000,
    byPartner: true,
  },
  conversations: {
    create: ["conversations.log", { type: "planning" }],
    edit: ({ id }) => ["conversations.update", { id }],
    read: read("conversations.get"),
    texts: ["description", "topic"],
    fact: ["outcome", "positive", "neutral"],
    max: 1000,
    byPartner: false,
  },
};

describe.each(Object.entries(CASES))("%s", (_name, one) => {
  const [text, otherText] = one.texts;
  const [fact, first, second] = one.fact;

  it("refuses the second edit of one version with the current row, and keeps both texts when asked to", async () => {
    const couple = await createCouple();
    const a = (await connect(couple.relationshipId, couple.a.userId)).socket;
    const other = one.byPartner ? couple.b : couple.a;
    const b = (await connect(couple.relationshipId, other.userId)).socket;
    const created = dataOf(await a.ask("command", ...one.create));
    const edit = async (socket: SocketClient, version: number, more: object): Promise<Result> => {
      const [name, input] = one.edit(created);
      return socket.ask("command", name, { ...input, version, ...more });
    };
    const base = created.version;
    const current = dataOf(await edit(a, base, { [text]: "Hers", [fact]: first }));
    expect(current).toMatchObject({ version: base + 1, [text]: "Hers", [fact]: first });

    const late = { [text]: "His", [otherText]: "Only his", [fact]: second };
    for (const version of [base, base + 2]) {
      const refused = await edit(b, version, late);
      expect(refused).toMatchObject({ ok: false, error: { code: "edit_conflict", details: { row: current } } });
    }
    expect(await one.read(b, created)).toEqual(current);

    const long = await edit(b, base, { [text]: "x".repeat(one.max - 2), keepBoth: true });
    expect(long).toMatchObject({ error: { code: "invalid_input", details: { issues: [{ path: text }] } } });
    const merged = dataOf(await edit(b, base, { ...late, keepBoth: true }));
    const kept = { [text]: "Hers\n\nHis", [otherText]: "Only his", [fact]: second, version: base + 2 };
    expect(merged).toMatchObject(kept);
    expect(await one.read(a, created)).toEqual(merged);
    expect(dataOf(await edit(a, base + 2, { [text]: null }))).toMatchObject({ [text]: null, [otherText]: "Only his" });
    for (const socket of [a, b]) socket.close();
  });
});

it("keeps an entry of a challenge that two devices of one member wrote", async () => {
  const couple = await createCouple();
  const [phone, laptop] = [
    (await connect(couple.relationshipId, couple.a.userId)).socket,
    (await connect(couple.relationshipId, couple.a.userId)).socket,
  ];
  const { id } = dataOf(await phone.ask("command", "challenges.start", { challengeId: "daily_gratitude_7" }));
  const log = (socket: SocketClient, more: object) =>
    socket.ask("command", "challenges.log_entry", { participationId: id, date: today(), completed: true, ...more });
  const entryOf = (result: Result) => dataOf(result)["entry"];
  await log(phone, { content: "Tea", reflection: "Warm" });
  await log(phone, { version: 1, content: "Tea at four" });
  const refused = await log(laptop, { version: 1, content: "Coffee", completed: false });
  expect(refused).toMatchObject({
    error: { code: "edit_conflict", details: { row: { content: "Tea at four", completed: true, version: 2 } } },
  });
  const kept = await log(laptop, {
    version: 1,
    content: "Coffee",
    reflection: "Cold",
    completed: false,
    keepBoth: true,
  });
  // The phone left the reflection as it was, so that the laptop's is the newer one.
  const expected = { content: "Tea at four\n\nCoffee", reflection: "Cold", completed: false, version: 3 };
  expect(entryOf(kept)).toMatchObject(expected);
  for (const socket of [phone, laptop]) socket.close();
});

it("counts 100 steps from two sockets exactly, completes once and tells once, whatever is edited meanwhile", async () => {
  const couple = await createCouple();
  const a = (await connect(couple.relationshipId, couple.a.userId)).socket;
  const b = (await connect(couple.relationshipId, couple.b.userId)).socket;
  const { id } = dataOf(await a.ask("command", "goals.create", { name: "Run", type: "custom", targetCount: 40 }));
  for (let wave = 0; wave < 5; wave++) {
    const steps = Array.from({ length: 20 }, (_, step) =>
      (step % 2 === 0 ? a : b).ask("command", "goals.add_progress", { id, delta: 1 }),
    );
    const edit = { id, version: 1, keepBoth: true, description: "Meanwhile" };
    if (wave === 1) steps.push(a.ask("command", "goals.update", edit));
    for (const step of await Promise.all(steps)) dataOf(step);
  }
  const goal = dataOf(await b.ask("query", "goals.get", { id })) as unknown as Goal;
  expect(goal).toMatchObject({ progress: 100, status: "completed", description: "Meanwhile", version: 102 });
  expect(await eventsOf(couple, "goal.completed")).toHaveLength(1);
  const told = await rowsOf(couple, "SELECT user_id FROM notifications WHERE notification_type = 'goal_progress'");
  expect(told).toHaveLength(1);
  for (const socket of [a, b]) socket.close();
});

const paragraph = fc.constantFrom("no", "I know a place", "place", "know", "a", "Not now");
const words = fc.array(paragraph, { minLength: 1, maxLength: 3 }).map((paragraphs) => paragraphs.join("\n\n"));
const word = fc.option(fc.oneof(words, fc.string({ maxLength: 6 })), { nil: null });

/** Whether `text` stands in `whole` as paragraphs of its own. */
const holds = (whole: string, text: string): boolean => text === "" || `\n\n${whole}\n\n`.includes(`\n\n${text}\n\n`);

it("loses no text of two edits that began from one version", () => {
  const limits = { one: 99, two: 99 };
  const refuse = () => {
    throw new Error("no conflict expected");
  };
  const edit = fc.record({ one: word, two: word }, { requiredKeys: [] });
  fc.assert(
    fc.property(word, word, edit, edit, (one, two, first, second) => {
      const start = { version: 1, textVersions: "{}", one, two };
      const row = { ...start, ...editTexts(start, { version: 1, ...first }, limits, refuse), version: 2 };
      const end = editTexts(row, { version: 1, keepBoth: true, ...second }, limits, refuse);
      for (const field of ["one", "two"] as const) {
        const sent = second[field];
        const untouched = first[field] === undefined || first[field] === start[field];
        const kept = sent === undefined ? [row[field]] : untouched ? [sent] : [row[field], sent];
        for (const text of kept) expect(holds(end[field] ?? "", text ?? "")).toBe(true);
        expect(kept.length === 2 || end[field] === kept[0]).toBe(true);
      }
    }),
    { numRuns: 200 },
  );
});

it.each([
  ["Hers", "His", "Hers\n\nHis"],
  ["Hers", "Hers and more", "Hers\n\nHers and more"],
  ["I know a place", "no", "I know a place\n\nno"],
  ["Tea\n\nHers", "Hers", "Tea\n\nHers"],
  ["Hers", "Hers\r\n\r\nTea", "Hers\r\n\r\nTea"],
  ["Hers\n\nTea", "Tea\n\nHers", "Hers\n\nTea\n\nTea\n\nHers"],
  [null, "His", "His"],
  ["Hers", null, "Hers"],
  ["", "His", "His"],
])("holds %j and %j as %j", (current, sent, expected) => {
  expect(both(current, sent)).toBe(expected);
});
