import { env, exports } from "cloudflare:workers";
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Page } from "../../src/domain/paging.ts";
import type { Photo } from "../../src/domain/photos/schema.ts";
import { newId } from "../../src/protocol/ids.ts";
import { HOUR_MS } from "../../src/protocol/limits.ts";
import { createCouple, createSolo, join, NOON, type TestCouple, type TestMember } from "../support/couple.ts";
import { leave } from "../support/departure.ts";
import { eventsOf, rowsOf } from "../support/object.ts";
import { openSession } from "../support/people.ts";
import { connect } from "../support/socket-client.ts";
import { JPEG, PNG } from "./pictures.ts";

const jpeg = Uint8Array.from(atob(JPEG), (char) => char.charCodeAt(0));
const png = Uint8Array.from(atob(PNG), (char) => char.charCodeAt(0));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOON });
});

afterEach(() => {
  vi.useRealTimers();
});

interface Reserved {
  id: string;
  upload: { path: string; expiresAt: number };
}

const reserve = (member: TestMember, more: object = {}): Promise<Reserved> =>
  member.run<Reserved>("photos.reserve", { contentType: "image/jpeg", sizeBytes: jpeg.length, ...more });

async function put(member: TestMember, path: string, body: BodyInit, headers: Record<string, string> = {}) {
  const session = await openSession(member.userId, NOON);
  const init = { method: "PUT", headers: { ...session.headers, ...headers }, body };
  const response = await exports.default.fetch(`https://api.example${path}`, init);
  const answer = (await response.json()) as { photo?: Photo; error?: { code: string } };
  return { status: response.status, ...answer };
}

async function stored(member: TestMember, more: object = {}): Promise<Photo> {
  const { upload } = await reserve(member, more);
  const { photo } = await put(member, upload.path, jpeg, { "content-type": "image/jpeg" });
  if (photo === undefined) throw new Error("The upload was refused");
  return photo;
}

const addressOf = async (member: TestMember, id: string): Promise<string> =>
  (await member.run<{ path: string }>("photos.address", { id })).path;
const fetchPhoto = (path: string): Promise<Response> => exports.default.fetch(`https://api.example${path}`);
const keysOf = async (couple: TestCouple): Promise<string[]> =>
  (await env.FILES.list({ prefix: `relationships/${couple.relationshipId}/` })).objects.map(({ key }) => key);
const runAlarm = (couple: TestCouple) => runDurableObjectAlarm(env.RELATIONSHIP.getByName(couple.relationshipId));

it("brings a photo to the partner and tells both once its bytes are there", async () => {
  const couple = await createCouple();
  const { socket } = await connect(couple.relationshipId, couple.b.userId);
  const { id, upload } = await reserve(couple.a, { caption: "Us" });
  expect(await couple.b.refused("photos.get", { id })).toMatchObject({ code: "not_found" });
  expect((await couple.a.run<Page<Photo>>("photos.list")).items).toEqual([]);
  const answer = await put(couple.a, upload.path, jpeg);
  expect(answer).toMatchObject({ status: 200, photo: { id, caption: "Us", sizeBytes: jpeg.length, version: 2 } });
  const told = await socket.next("events");
  expect(told.events).toMatchObject([{ name: "photo.stored", actorId: couple.a.userId, subjectId: id }]);
  expect((await couple.b.run<Page<Photo>>("photos.list")).items).toEqual([answer.photo]);
  // A client that did not hear the answer sends it again.
  expect(await put(couple.a, upload.path, jpeg)).toEqual(answer);
  expect(await eventsOf(couple, "photo.stored")).toHaveLength(1);

  const response = await fetchPhoto(await addressOf(couple.b, id));
  expect(Object.fromEntries(response.headers)).toMatchObject({
    "content-type": "image/jpeg",
    "cache-control": "private, no-store",
    "content-disposition": expect.stringMatching(/^inline; filename="photo-[0-9a-f]{12}\.jpg"$/),
    "x-content-type-options": "nosniff",
  });
  const bytes = new Uint8Array(await response.arrayBuffer());
  expect(bytes.length).toBe(jpeg.length);
  expect(new TextDecoder("latin1").decode(bytes)).not.toContain("CANARY");
});

it.each([
  ["another type", png, {}, 415, false],
  ["another type, and says so", jpeg, { "content-type": "text/html" }, 415, false],
  [
    "no more than a frame header",
    Uint8Array.of(0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0, 9, 0, 9, 1, 1, 17, 0, 0xff, 0xd9),
    {},
    415,
    false,
  ],
  ["too few bytes", jpeg.slice(0, 900), {}, 400, true],
  ["too many bytes", Uint8Array.from([...jpeg, ...jpeg]), {}, 413, true],
] as const)("keeps nothing of an upload of %s", async (_, bytes, headers, status, keepsPlace) => {
  const couple = await createCouple();
  const sizeBytes = status === 415 ? bytes.length : jpeg.length;
  for (const body of [bytes, new Blob([bytes]).stream()]) {
    const { id, upload } = await reserve(couple.a, { sizeBytes });
    expect((await put(couple.a, upload.path, body, headers)).status).toBe(status);
    expect(await keysOf(couple)).toEqual([]);
    expect(await rowsOf(couple, "SELECT status FROM photos WHERE id = ?", id)).toEqual(
      keepsPlace ? [{ status: "reserved" }] : [],
    );
    expect((await eventsOf(couple)).filter(({ subject_id }) => subject_id === id)).toEqual([]);
    // The place that is still there takes the right bytes.
    expect((await put(couple.a, upload.path, jpeg)).status).toBe(keepsPlace ? 200 : 404);
    await couple.a.reply("photos.delete", { id });
    vi.setSystemTime(NOON + 1_000);
    await runAlarm(couple);
    vi.setSystemTime(NOON);
  }
});

it("lets nobody upload to, change or delete what is another's", async () => {
  const couple = await createCouple();
  const { id, upload } = await reserve(couple.a);
  expect(await put(couple.b, upload.path, jpeg)).toMatchObject({ status: 404, error: { code: "not_found" } });
  await put(couple.a, upload.path, jpeg);
  expect(await couple.b.refused("photos.update", { id, version: 2 })).toMatchObject({ code: "forbidden" });
  expect(await couple.b.refused("photos.delete", { id })).toMatchObject({ code: "forbidden" });
  const other = await createCouple();
  const foreign = upload.path.replace(couple.relationshipId, other.relationshipId);
  expect((await put(other.a, foreign, jpeg)).status).toBe(404);
  expect((await put(other.a, upload.path, jpeg)).status).toBe(404);
});

it("tells a stranger no more of a relationship that is there than of one that is not", async () => {
  const [couple, other] = [await createCouple(), await createCouple()];
  const { upload } = await reserve(couple.a);
  const unknown = upload.path.replace(couple.relationshipId, newId("relationship", NOON));
  const answers = [await put(other.a, upload.path, jpeg), await put(other.a, unknown, jpeg)];
  const withoutId = answers.map((answer) => JSON.stringify(answer).replaceAll(/"requestId":"[^"]*"/g, ""));
  expect(answers[0]).toMatchObject({ status: 404, error: { code: "not_found" } });
  expect(withoutId[0]).toBe(withoutId[1]);
});

it("opens to a good address, for its five minutes and while its holder may see the photo", async () => {
  const couple = await createCouple();
  const { id } = await stored(couple.a);
  const path = await addressOf(couple.b, id);
  const status = async (changed: string): Promise<number> => (await fetchPhoto(changed)).status;
  expect(await status(path)).toBe(200);
  const signature = new URL(`https://x${path}`).searchParams.get("signature") ?? "";
  const other = await stored(couple.a);
  expect(await status(path.replace(id, other.id))).toBe(404);
  expect(await status(path.replace(couple.b.userId, couple.a.userId))).toBe(404);
  expect(await status(path.replace(/expires=\d+/, `expires=${NOON * 2}`))).toBe(404);
  expect(await status(path.replace(signature, `${signature.slice(0, -2)}AA`))).toBe(404);
  expect(await status(`${path}&more=1`)).toBe(404);
  vi.setSystemTime(NOON + 5 * 60_000);
  expect(await status(path)).toBe(404);
  vi.setSystemTime(NOON + 60_000);
  await couple.a.run("photos.delete", { id: other.id });
  expect(await status(await addressOf(couple.a, id))).toBe(200);
  await leave(couple, [couple.a.userId, couple.b.userId], NOON + 60_000);
  expect(await status(path)).toBe(404);
});

it("deletes the bytes with the row, however often the task runs", async () => {
  const couple = await createCouple();
  const { id } = await stored(couple.a);
  const path = await addressOf(couple.a, id);
  await couple.a.run("photos.delete", { id });
  expect((await fetchPhoto(path)).status).toBe(404);
  expect(await keysOf(couple)).toHaveLength(1);
  vi.setSystemTime(NOON + 1_000);
  const stub = env.RELATIONSHIP.getByName(couple.relationshipId);
  await runInDurableObject(stub, async (instance) => {
    const real = env.FILES;
    const away = { delete: () => Promise.reject(new Error("R2 is away")) };
    Object.assign(instance, { env: { ...env, FILES: away } });
    await (instance as unknown as { alarm(): Promise<void> }).alarm();
    Object.assign(instance, { env: { ...env, FILES: real } });
  });
  expect(await keysOf(couple)).toHaveLength(1);
  for (const later of [HOUR_MS, 2 * HOUR_MS]) {
    vi.setSystemTime(NOON + later);
    await runAlarm(couple);
    expect(await keysOf(couple)).toEqual([]);
  }
  expect(await rowsOf(couple, "SELECT * FROM file_deletions")).toEqual([]);
});

it("frees a place whose bytes never came, and takes none that come afterwards", async () => {
  const couple = await createCouple();
  const { id, upload } = await reserve(couple.a);
  vi.setSystemTime(NOON + HOUR_MS + 1);
  await runAlarm(couple);
  expect(await rowsOf(couple, "SELECT id FROM photos WHERE id = ?", id)).toEqual([]);
  expect((await put(couple.a, upload.path, jpeg)).status).toBe(404);
  expect(await couple.a.run("photos.usage")).toMatchObject({ usedBytes: 0 });
});

it("keeps nothing of an upload whose place is given up while it runs", async () => {
  const couple = await createCouple();
  const { id, upload } = await reserve(couple.a);
  const { promise: cut, resolve: go } = Promise.withResolvers<void>();
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      controller.enqueue(jpeg.slice(0, 500));
      await cut;
      controller.enqueue(jpeg.slice(500));
      controller.close();
    },
  });
  const answer = put(couple.a, upload.path, body);
  await couple.a.run("photos.delete", { id });
  go();
  expect((await answer).status).toBe(404);
  expect(await keysOf(couple)).toEqual([]);
});

it("gives each their own half, so that what is left says nothing about the other", async () => {
  const couple = await createCouple();
  const big = { sizeBytes: 10_000_000 };
  for (let i = 0; i < 5; i++) await reserve(couple.a, { ...big, private: true });
  expect(await couple.a.run("photos.usage")).toEqual({ usedBytes: 50_000_000, limitBytes: 50_000_000 });
  expect(await couple.a.refused("photos.reserve", { contentType: "image/png", sizeBytes: 1 })).toMatchObject({
    code: "quota_exceeded",
    details: { usedBytes: 50_000_000, limitBytes: 50_000_000 },
  });
  expect(await couple.b.run("photos.usage")).toEqual({ usedBytes: 0, limitBytes: 50_000_000 });
  for (let i = 0; i < 5; i++) await reserve(couple.b, big);
  expect(await couple.b.refused("photos.reserve", { contentType: "image/png", sizeBytes: 10_000_001 })).toMatchObject({
    details: { issues: [{ path: "sizeBytes" }] },
  });
  const limits = JSON.stringify({ photoBytes: 2_000_000_000 });
  await rowsOf(couple, "INSERT INTO entitlement VALUES (1, 1, 'paid', ?, ?)", limits, NOON + 1);
  expect(await couple.b.run("photos.usage")).toMatchObject({ limitBytes: 1_000_000_000 });
  expect(await couple.b.run("photos.usage", {}, { now: NOON + 1 })).toMatchObject({ limitBytes: 50_000_000 });
});

it("leaves no trace of a private photo with the partner, until its author shares it", async () => {
  const solo = await createSolo();
  const alone = await stored(solo.a);
  expect(alone.isPrivate).toBe(true);
  expect(await solo.a.run("photos.usage")).toMatchObject({ limitBytes: 100_000_000 });
  const couple = await join(solo, "UTC", NOON);
  const before = { events: await eventsOf(couple), list: await couple.b.run("photos.list") };
  const { id } = await stored(couple.a, { private: true, caption: "Mine" });
  const path = await addressOf(couple.a, id);
  for (const name of ["photos.get", "photos.address", "photos.share", "photos.delete"]) {
    expect(await couple.b.refused(name, { id })).toMatchObject({ code: "not_found" });
  }
  expect(await couple.b.run("photos.list")).toEqual(before.list);
  expect((await eventsOf(couple)).filter(({ stream }) => stream !== couple.a.userId)).toEqual(
    before.events.filter(({ stream }) => stream !== couple.a.userId),
  );
  expect(await eventsOf(couple, "photo.stored")).toHaveLength(2);
  expect((await fetchPhoto(path)).status).toBe(200);
  const shared = await couple.a.run<Photo>("photos.share", { id });
  expect((await couple.b.run<Page<Photo>>("photos.list")).items).toEqual([shared]);
  expect(await couple.a.refused("photos.share", { id })).toMatchObject({ code: "illegal_transition" });
});

it("goes with what it is of; the partner's photo of it stays", async () => {
  const couple = await createCouple();
  const note = await couple.a.run<{ id: string }>("notes.write", { body: "The lake" });
  const subject = { kind: "note", id: note.id };
  const mine = await stored(couple.a, { subject });
  const theirs = await stored(couple.b, { subject });
  const listed = await couple.a.run<Page<Photo>>("photos.list", { subject });
  expect(listed.items.map(({ id }) => id).toSorted()).toEqual([mine.id, theirs.id].toSorted());
  await couple.a.run("notes.delete", { id: note.id });
  const left = await couple.a.run<Page<Photo>>("photos.list");
  expect(left.items).toMatchObject([{ id: theirs.id, subject: null }]);
  vi.setSystemTime(NOON + 1_000);
  await runAlarm(couple);
  expect(await keysOf(couple)).toEqual([`relationships/${couple.relationshipId}/${theirs.id}`]);

  const { id } = await couple.a.run<{ id: string }>("dates.add", { name: "Kiss", type: "custom", date: "2020-01-01" });
  const onDate = await stored(couple.b, { subject: { kind: "date", id } });
  await couple.a.run("dates.remove", { id });
  expect(await couple.b.run("photos.get", { id: onDate.id })).toMatchObject({ subject: null });
  const walk = await couple.a.run<{ id: string }>("activities.log", { name: "Walk", type: "adventure" });
  const onWalk = await stored(couple.b, { subject: { kind: "activity", id: walk.id } });
  await rowsOf(couple, "DELETE FROM activities WHERE id = ?", walk.id);
  expect(await couple.b.run("photos.get", { id: onWalk.id })).toMatchObject({ subject: null });
});

it("is as private as what it is of", async () => {
  const couple = await createCouple();
  const note = await couple.a.run<{ id: string }>("notes.write", { body: "Secret", private: true });
  const subject = { kind: "note", id: note.id };
  const photo = await stored(couple.a, { subject });
  expect(photo.isPrivate).toBe(true);
  const asked = { contentType: "image/jpeg", sizeBytes: 1, subject };
  expect(await couple.b.refused("photos.reserve", asked)).toMatchObject({ code: "not_found" });
  expect(await couple.a.refused("photos.share", { id: photo.id })).toMatchObject({ code: "conflict" });
  await couple.a.run("notes.share", { id: note.id });
  expect(await couple.a.run("photos.share", { id: photo.id })).toMatchObject({ isPrivate: false });
});

it("keeps both captions where two devices changed one", async () => {
  const { a } = await createCouple();
  const { id, version } = await stored(a);
  await a.run("photos.update", { id, version, caption: "Us" });
  const stale = { id, version, caption: "The lake" };
  expect(await a.refused("photos.update", stale)).toMatchObject({
    code: "edit_conflict",
    details: { row: { caption: "Us", version: version + 1 } },
  });
  expect(await a.run("photos.update", { ...stale, keepBoth: true })).toMatchObject({ caption: "Us\n\nThe lake" });
});
