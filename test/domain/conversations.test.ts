import { expect, it } from "vitest";
import type { Conversation } from "../../src/domain/conversations/schema.ts";
import type { Page } from "../../src/domain/paging.ts";
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
