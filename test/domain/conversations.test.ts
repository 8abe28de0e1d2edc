import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import type { Conversation } from "../../src/domain/conversations/schema.ts";
import { listDueFollowUps } from "../../src/domain/conversations/store.ts";
import type { Page } from "../../src/domain/paging.ts";
import { sqlOf } from "../../src/relationship/sql-storage.ts";
import { createCouple, createSolo, join, NOON, type TestMember } from "../support/couple.ts";
import { eventsOf } from "../support/object.ts";

const log = (member: TestMember, more: object = {}) =>
  member.run<Conversation>("conversations.log", { type: "planning", ...more });
const list = (member: TestMember, input: object = {}) => member.run<Page<Conversation>>("conversations.list", input);

it("records a conversation of today unless another date is given", async () => {
  const couple = await createCouple();
  const talk = await log(couple.a, {
    topic: "Secret",
    description: "Secret",
    outcome: "positive",
    durationMinutes: 45,
  });
  expect(talk).toMatchObject({ date: "2026-06-15", followUpNeeded: false, createdBy: couple.a.userId });
  expect((await list(couple.b)).items).toEqual([talk]);
  const events = await eventsOf(couple, "conversation.logged");
  expect(JSON.stringify(events)).not.toContain("Secret");
  expect(events).toHaveLength(1);
});

it.each([
  [{ outcome: "needs_follow_up" }, true, null],
  [{ followUpDate: "2026-06-20" }, true, "2026-06-20"],
  [{ outcome: "needs_follow_up", followUpNeeded: false }, false, null],
  [{ followUpNeeded: true }, true, null],
])("knows whether %j is to be continued", async (input, followUpNeeded, followUpDate) => {
  const { a } = await createCouple();
  expect(await log(a, input)).toMatchObject({ followUpNeeded, followUpDate });
});

it.each([
  [{ date: "2026-06-16" }, "date"],
  [{ followUpDate: "2026-06-14" }, "followUpDate"],
  [{ followUpDate: "2026-06-20", followUpNeeded: false }, "followUpDate"],
  [{ topic: "x".repeat(201) }, "topic"],
  [{ outcome: "bad" }, "outcome"],
])("refuses %j", async (input, path) => {
  const { a } = await createCouple();
  const error = await a.refused("conversations.log", { type: "planning", ...input });
  expect([error.code, error.details?.issues?.[0]?.path]).toEqual(["invalid_input", path]);
});

it("pages by the date people talked, stable under back-filled ones, and filters exactly", async () => {
  const { a } = await createCouple();
  for (const day of ["10", "12", "11", "14", "13"]) await log(a, { date: `2026-06-${day}` });
  await log(a, { type: "deep_talk", date: "2026-06-01" });
  const first = await list(a, { type: "planning", limit: 2 });
  await log(a, { date: "2026-06-15" });
  const second = await list(a, { type: "planning", limit: 5, cursor: first.nextCursor });
  const days = [...first.items, ...second.items].map((item) => item.date.slice(8));
  expect(days).toEqual(["14", "13", "12", "11", "10"]);
  expect((await list(a, { type: "deep_talk" })).items).toHaveLength(1);
});

it("keeps what was recorded alone from the partner", async () => {
  const solo = await createSolo();
  await log(solo.a);
  const couple = await join(solo, "UTC", NOON);
  expect((await list(couple.b)).items).toEqual([]);
  expect((await list(couple.a)).items).toMatchObject([{ isPrivate: true }]);
});

const update = (member: TestMember, id: string, more: object) =>
  member.run<Conversation>("conversations.update", { id, ...more });

it("changes only what is sent, keeps the follow-up straight, and leaves the record to its author", async () => {
  const { a, b } = await createCouple();
  const { id } = await log(a, { topic: "Money", outcome: "needs_follow_up", followUpDate: "2026-06-20" });
  const steps = [
    [{ description: "Calm" }, { followUpNeeded: true, followUpDate: "2026-06-20", topic: "Money" }],
    [
      { followUpDate: "2026-07-01", topic: null },
      { followUpDate: "2026-07-01", topic: null, description: "Calm" },
    ],
    [{ followUpNeeded: false }, { followUpNeeded: false, followUpDate: null }],
    [
      { outcome: "neutral", durationMinutes: 10 },
      { followUpNeeded: false, durationMinutes: 10 },
    ],
    [
      { outcome: "needs_follow_up", type: "deep_talk" },
      { followUpNeeded: true, followUpDate: null },
    ],
  ] as const;
  for (const [index, [sent, expected]] of steps.entries()) {
    expect(await update(a, id, { version: index + 1, ...sent })).toMatchObject(expected);
  }
  const before = await a.run("conversations.get", { id });
  const wrong = { id, version: 6, followUpDate: "2026-06-01" };
  expect(await a.refused("conversations.update", wrong)).toMatchObject({ code: "invalid_input" });
  expect(await b.refused("conversations.update", { id, version: 6, topic: "x" })).toMatchObject({ code: "forbidden" });
  expect(await b.refused("conversations.delete", { id })).toMatchObject({ code: "forbidden" });
  expect(await b.run("conversations.get", { id })).toEqual(before);
});

it("is due for its reminder until either of us notes that we continued", async () => {
  const couple = await createCouple();
  const due = () =>
    runInDurableObject(env.RELATIONSHIP.getByName(couple.relationshipId), (_, state) => {
      const rows = listDueFollowUps(sqlOf(state.storage), "2026-06-16", "2026-06-20");
      return rows.map(({ id, visibility }) => [id, visibility]);
    });
  const first = await log(couple.a, { followUpDate: "2026-06-20" });
  const secret = await log(couple.a, { followUpDate: "2026-06-16", private: true });
  await log(couple.a, { followUpDate: "2026-06-21" });
  expect(await due()).toEqual([
    [secret.id, "private"],
    [first.id, "shared"],
  ]);
  expect(await couple.b.refused("conversations.follow_up_done", { id: secret.id })).toMatchObject({
    code: "not_found",
  });
  const done = await couple.b.run("conversations.follow_up_done", { id: first.id, outcome: "positive" });
  expect(done).toMatchObject({ followUpNeeded: false, followUpDate: null, outcome: "positive" });
  const again = await couple.a.refused("conversations.follow_up_done", { id: first.id });
  expect(again).toMatchObject({ code: "illegal_transition", details: { current: "no_follow_up" } });
  await couple.a.run("conversations.delete", { id: secret.id });
  expect(await due()).toEqual([]);
});

it("filters by outcome, follow-up and dates", async () => {
  const { a } = await createCouple();
  await log(a, { date: "2026-06-01", outcome: "positive" });
  await log(a, { date: "2026-06-05", outcome: "needs_follow_up" });
  await log(a, { date: "2026-06-09", outcome: "neutral", followUpDate: "2026-06-30" });
  const days = async (input: object) => (await list(a, input)).items.map((item) => item.date.slice(8));
  expect(await days({ outcome: "positive" })).toEqual(["01"]);
  expect(await days({ followUp: true })).toEqual(["09", "05"]);
  expect(await days({ followUp: false, to: "2026-06-05" })).toEqual(["01"]);
  expect(await days({ from: "2026-06-05", to: "2026-06-09" })).toEqual(["09", "05"]);
});
