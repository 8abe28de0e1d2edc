import { expect, it } from "vitest";
import type { Note } from "../../src/domain/notes/schema.ts";
import type { Page } from "../../src/domain/paging.ts";
import { createCouple, createSolo, join, NOON, type TestMember } from "../support/couple.ts";
import { eventsOf, rowsOf } from "../support/object.ts";

const write = (member: TestMember, more: object = {}, now = NOON): Promise<Note> =>
  member.run<Note>("notes.write", { body: "The lake was ours", ...more }, { now });

it("shows a shared note to both, and lets its author alone change or delete it", async () => {
  const couple = await createCouple();
  const { a, b } = couple;
  const note = await write(a, { title: "Tonight" });
  expect(note).toMatchObject({ date: "2026-06-15", isPrivate: false, version: 1 });
  expect(await b.run("notes.get", { id: note.id })).toEqual(note);
  for (const [name, more] of [
    ["notes.update", { version: 1, body: "Mine now" }],
    ["notes.delete", {}],
  ] as const) {
    expect(await b.refused(name, { id: note.id, ...more })).toMatchObject({ code: "forbidden" });
  }
  const changed = await a.run<Note>("notes.update", { id: note.id, version: 1, title: null, date: "2026-06-14" });
  expect(changed).toMatchObject({ title: null, body: note.body, date: "2026-06-14", version: 2 });
  expect(await a.run("notes.delete", { id: note.id })).toEqual({ id: note.id });
  expect(await b.refused("notes.get", { id: note.id })).toMatchObject({ code: "not_found" });
  const told = (await eventsOf(couple)).filter(({ subject_id }) => subject_id === note.id);
  expect(told.map(({ stream, name }) => [stream, name])).toEqual([
    ["couple", "note.written"],
    ["couple", "note.updated"],
    ["couple", "note.deleted"],
  ]);
  expect(JSON.stringify(told)).not.toContain("lake");
});

it("leaves no trace of a private note with the partner, until its author shares it", async () => {
  const solo = await createSolo();
  const alone = await write(solo.a);
  expect(alone.isPrivate).toBe(true);
  expect(await solo.a.refused("notes.share", { id: alone.id })).toMatchObject({ code: "conflict" });
  const couple = await join(solo, "UTC", NOON);
  const { a, b } = couple;
  const secret = await write(a, { private: true });
  const foreign = async () => (await eventsOf(couple)).filter(({ stream }) => stream !== a.userId);
  const before = await foreign();
  await a.run("notes.update", { id: secret.id, version: 1, body: "Still mine" });
  for (const [name, more] of [
    ["notes.get", {}],
    ["notes.update", { version: 9, body: "x" }],
    ["notes.share", {}],
    ["notes.delete", {}],
  ] as const) {
    expect(await b.refused(name, { id: secret.id, ...more })).toMatchObject({ code: "not_found" });
  }
  expect(await b.run("notes.list")).toEqual({ items: [], nextCursor: null });
  expect(await foreign()).toEqual(before);
  const shared = await a.run<Note>("notes.share", { id: secret.id });
  expect(await b.run("notes.list")).toEqual({ items: [shared], nextCursor: null });
  expect(await a.refused("notes.share", { id: secret.id })).toMatchObject({ code: "illegal_transition" });
  expect(await b.refused("notes.share", { id: secret.id })).toMatchObject({ code: "illegal_transition" });
});

it("loses neither text when two devices change one note", async () => {
  const { a } = await createCouple();
  const { id } = await write(a, { title: "Lake" });
  await a.run("notes.update", { id, version: 1, body: "From the phone" });
  const stale = { id, version: 1, title: "The lake", body: "From the tablet" };
  expect(await a.refused("notes.update", stale)).toMatchObject({
    code: "edit_conflict",
    details: { row: { body: "From the phone", version: 2 } },
  });
  expect(await a.run("notes.update", { ...stale, keepBoth: true })).toMatchObject({
    title: "The lake",
    body: "From the phone\n\nFrom the tablet",
    version: 3,
  });
  const long = "x".repeat(5_000);
  const late = { id, version: 1, body: long, keepBoth: true };
  expect(await a.refused("notes.update", late)).toMatchObject({ details: { issues: [{ path: "body" }] } });
});

it("takes texts up to their limits and a drawer's worth of notes for each member", async () => {
  const couple = await createCouple();
  const { a, b } = couple;
  expect(await write(a, { title: "t".repeat(200), body: "😀".repeat(2_500) })).toMatchObject({ version: 1 });
  for (const [field, value] of [
    ["title", "t".repeat(201)],
    ["body", "b".repeat(5_001)],
    ["body", "  "],
    ["date", "2026-02-30"],
  ] as const) {
    const error = await a.refused("notes.write", { body: "x", [field]: value });
    expect(error).toMatchObject({ code: "invalid_input", details: { issues: [{ path: field }] } });
  }
  await rowsOf(
    couple,
    `INSERT INTO notes (id, user_id, note_date, body, visibility, created_at, updated_at)
     WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1999)
     SELECT 'note_' || i, ?, '2026-06-15', 'x', 'private', 1, 1 FROM n`,
    a.userId,
  );
  expect(await a.refused("notes.write", { body: "x" })).toMatchObject({ code: "quota_exceeded" });
  expect(await write(b)).toMatchObject({ version: 1 });
});

it("lists the newest first in stable pages, mine alone if asked", async () => {
  const { a, b } = await createCouple();
  const notes = [];
  for (let i = 0; i < 4; i++) notes.push((await write(i % 2 === 0 ? a : b, {}, NOON + i)).id);
  const first = await b.run<Page<Note>>("notes.list", { limit: 3 });
  const rest = await b.run<Page<Note>>("notes.list", { limit: 3, cursor: first.nextCursor });
  expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual(notes.toReversed());
  const mine = await b.run<Page<Note>>("notes.list", { mine: true });
  expect(mine.items.map(({ id }) => id)).toEqual([notes[3], notes[1]]);
});
