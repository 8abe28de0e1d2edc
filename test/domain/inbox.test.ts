import { expect, it } from "vitest";
import type { Notification } from "../../src/domain/inbox/schema.ts";
import type { Page } from "../../src/domain/paging.ts";
import { newId } from "../../src/protocol/ids.ts";
import { createCouple, NOON, type TestCouple, type TestMember } from "../support/couple.ts";
import { eventsOf } from "../support/object.ts";

const plan = (member: TestMember, now = NOON) =>
  member.run("activities.plan", { name: "Secret surprise", type: "custom" }, { now });
const list = (member: TestMember, input: object = {}) => member.run<Page<Notification>>("inbox.list", input);

async function coupleWithNews(count: number): Promise<TestCouple> {
  const couple = await createCouple();
  for (let i = 0; i < count; i++) await plan(couple.a, NOON + i);
  return couple;
}

it("tells the partner and not the actor, in neutral words", async () => {
  const { a, b } = await coupleWithNews(1);
  const { items } = await list(b);
  expect(items).toHaveLength(1);
  expect(items[0]).toMatchObject({ type: "partner_activity", isRead: false, readAt: null, priority: "normal" });
  expect(JSON.stringify(items)).not.toContain("Secret");
  expect((await list(a)).items).toEqual([]);
});

it("announces a notification in its reader's own stream only", async () => {
  const couple = await coupleWithNews(1);
  const created = await eventsOf(couple, "notification.created");
  expect(created.map((event) => event.stream)).toEqual([couple.b.userId]);
  expect(JSON.parse(created[0]?.data ?? "")).toEqual({ type: "partner_activity" });
});

it("marks what is asked once, and tells all devices of that member", async () => {
  const couple = await coupleWithNews(2);
  const [newest] = (await list(couple.b)).items;
  const ids = [newest?.id, newest?.id];
  expect(await couple.b.run("inbox.mark_read", { ids }, { now: NOON + 50 })).toEqual({ marked: 1, unread: 1 });
  expect(await couple.b.run("inbox.mark_read", { ids }, { now: NOON + 60 })).toEqual({ marked: 0, unread: 1 });
  const { items } = await list(couple.b);
  expect(items.map((item) => [item.isRead, item.readAt])).toEqual([
    [true, NOON + 50],
    [false, null],
  ]);
  const read = await eventsOf(couple, "notification.read");
  expect(read.map((event) => [event.stream, JSON.parse(event.data)])).toEqual([
    [couple.b.userId, { ids: [newest?.id], unread: 1 }],
  ]);
});

it("refuses another member's notification as one that does not exist, and marks nothing", async () => {
  const couple = await coupleWithNews(1);
  await plan(couple.b);
  const [mine] = (await list(couple.a)).items;
  const [theirs] = (await list(couple.b)).items;
  const foreign = await couple.a.refused("inbox.mark_read", { ids: [mine?.id, theirs?.id] });
  const unknown = await couple.a.refused("inbox.mark_read", { ids: [mine?.id, newId("notification", NOON)] });
  expect(foreign).toMatchObject({ code: "not_found" });
  expect(unknown).toEqual(foreign);
  expect(await couple.a.run("inbox.unread_count")).toEqual({ unread: 1 });
  expect(await couple.b.run("inbox.unread_count")).toEqual({ unread: 1 });
});

it("marks everything of one member only", async () => {
  const couple = await coupleWithNews(3);
  await plan(couple.b);
  expect(await couple.b.run("inbox.mark_all_read")).toEqual({ marked: 3, unread: 0 });
  expect(await couple.b.run("inbox.mark_all_read")).toEqual({ marked: 0, unread: 0 });
  expect(await couple.a.run("inbox.unread_count")).toEqual({ unread: 1 });
  expect(await eventsOf(couple, "notification.read")).toHaveLength(1);
});

it("pages newest first without repeating or hiding anything when news arrive between pages", async () => {
  const couple = await coupleWithNews(5);
  const first = await list(couple.b, { limit: 2 });
  await plan(couple.a, NOON + 1_000);
  const second = await list(couple.b, { limit: 2, cursor: first.nextCursor });
  const third = await list(couple.b, { limit: 2, cursor: second.nextCursor });
  const times = [first, second, third].flatMap((page) => page.items.map((item) => item.createdAt - NOON));
  expect(times).toEqual([4, 3, 2, 1, 0]);
  expect(third.nextCursor).toBeNull();
});

it("lists unread ones alone when asked", async () => {
  const couple = await coupleWithNews(3);
  const [newest] = (await list(couple.b)).items;
  await couple.b.run("inbox.mark_read", { ids: [newest?.id] });
  const { items } = await list(couple.b, { unreadOnly: true });
  expect(items.map((item) => item.createdAt - NOON)).toEqual([1, 0]);
});

it.each([
  [{ ids: [] }, "ids"],
  [{ ids: ["act_1"] }, "ids.0"],
  [{ ids: ["x"], all: true }, "all"],
  [{}, "ids"],
])("names the field that is wrong in %j", async (input, path) => {
  const { a } = await createCouple();
  const error = await a.refused("inbox.mark_read", input);
  expect(error.code).toBe("invalid_input");
  expect(error.details?.issues?.map((issue) => issue.path)).toContain(path);
});

it.each(["", "nonsense", btoa('["x",1]'), btoa("[1]"), btoa("{}")])("refuses the cursor %j", async (cursor) => {
  const { a } = await createCouple();
  expect(await a.refused("inbox.list", { cursor })).toMatchObject({
    code: "invalid_input",
    details: { issues: [{ path: "cursor" }] },
  });
});
