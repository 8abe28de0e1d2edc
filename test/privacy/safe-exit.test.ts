import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { app } from "../../src/app.ts";
import { ROUTE_DOCS } from "../../src/http/openapi/route-docs.ts";
import { findOperation } from "../../src/domain/registry.ts";
import { CLOSE } from "../../src/protocol/frames.ts";
import { DAY_MS } from "../../src/protocol/limits.ts";
import { alarm, ask, mailsTo, pair, START, type Pair } from "../parting/parting-steps.ts";
import { rowsOf } from "../support/object.ts";
import { connect } from "../support/socket-client.ts";
import { answersOf, exportOf } from "./partner-view.ts";

/** Each sentence of a safe exit (rule 19), as something that must hold. */

const sources = import.meta.glob<string>("../../src/**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true });

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: START });
});

afterEach(() => {
  vi.useRealTimers();
});

const leave = (couple: Pair, at = START) => couple.a.run("membership.leave", {}, { now: at });

/** What would tell where somebody is, or when they were last here. */
const TELLING = /latitude|longitude|geo_?|ip_address|remote_address|user_agent|last_?seen|last_?active|last_?online/i;

const COLUMNS = `SELECT c.name FROM sqlite_schema AS t JOIN pragma_table_info(t.name) AS c
  WHERE t.type = 'table' AND t.name NOT LIKE '_cf_%' AND t.name NOT LIKE 'sqlite_%'`;

it("keeps no place and no last sight of anybody", async () => {
  const couple = await pair();
  const { results } = await env.DB.prepare(COLUMNS).all<{ name: string }>();
  const columns = [...results, ...(await rowsOf<{ name: string }>(couple, COLUMNS))].map(({ name }) => name);
  expect(columns.length).toBeGreaterThan(400);
  // A column of the specification that nothing writes: held below.
  expect(columns.filter((column) => TELLING.test(column))).toEqual(["last_active_at"]);
  const writers = Object.entries(sources).filter(([, text]) => /last_active_at = (?!NULL)/.test(text));
  expect(writers.map(([file]) => file)).toEqual([]);
});

it("tells nobody where the other is or when they were last here", async () => {
  const couple = await pair();
  const { socket } = await connect(couple.relationshipId, couple.grace.userId);
  await connect(couple.relationshipId, couple.ada.userId);
  socket.send({ type: "presence" });
  const presence = await socket.next("presence");
  const shapes = presence.members.map((member) => Object.keys(member).toSorted());
  expect(shapes).toEqual(presence.members.map(() => ["online", "userId"]));
  const texts = [...(await answersOf(couple.b, new Map(), START)).values()].join("\n");
  expect([...texts.matchAll(/"(\w+)":/g)].map(([, key = ""]) => key).filter((key) => TELLING.test(key))).toEqual([]);
});

it("is one call, from any state, with nothing to explain and nobody to ask", async () => {
  const operation = findOperation("membership.leave");
  expect(operation?.input.safeParse({}).success).toBe(true);
  expect(operation?.input.safeParse({ reason: "none of your business" }).success).toBe(false);
  for (const state of ["active", "paused", "paused by the other"]) {
    const couple = await pair();
    if (state === "paused") await couple.a.run("membership.pause", {}, { now: START });
    if (state === "paused by the other") await couple.b.run("membership.pause", {}, { now: START });
    const path = `/relationships/${couple.relationshipId}/commands/membership.leave`;
    expect([state, (await ask(couple.ada, "POST", path, {})).status]).toEqual([state, 200]);
  }
});

it("ends every socket of the other within a second, and each of theirs is read-only from then on", async () => {
  const couple = await pair();
  const sockets = await Promise.all([1, 2, 3].map(() => connect(couple.relationshipId, couple.grace.userId)));
  const before = performance.now();
  await leave(couple);
  for (const { socket } of sockets) expect((await socket.closing()).code).toBe(CLOSE.membershipEnded);
  expect(performance.now() - before).toBeLessThan(1_000);
  const again = await connect(couple.relationshipId, couple.grace.userId);
  const answer = await again.socket.ask("command", "notes.write", { title: "You", body: "Come back" });
  expect(answer).toMatchObject({ ok: false, error: { code: "relationship_not_writable" } });
});

it("says that it is so and until when, and neither who nor why, wherever it says anything", async () => {
  const couple = await pair();
  const { ready, socket } = await connect(couple.relationshipId, couple.grace.userId);
  await leave(couple);
  await socket.closing();
  await alarm(couple);
  const again = await connect(couple.relationshipId, couple.grace.userId, { cursors: ready.cursors });
  const inbox = await rowsOf(couple, "SELECT title, message FROM notifications WHERE user_id = ?", couple.grace.userId);
  const directory = await ask(couple.grace, "GET", "/relationships");
  const told = [
    ...(await mailsTo(couple.grace.email)).map(({ subject, text }) => `${subject}\n${text ?? ""}`),
    JSON.stringify(inbox),
    JSON.stringify(again.ready.events),
    JSON.stringify(directory.data),
  ].join("\n");
  expect(told).toContain("closed for new entries");
  expect(told).not.toMatch(/\bAda\b|left|leav|because|reason|decid|partner|ex\b|broke|sorry|unfortunately/i);
  expect(told).not.toContain(couple.ada.userId);
  // What both may still read says of neither that it was them.
  const profile = JSON.stringify(await couple.b.run("membership.get", {}, { now: START }));
  expect(profile).not.toMatch(/left|parted(At|By)|leaver/i);
});

it("shows the way to help, the same to everybody, with nothing that could be followed", async () => {
  const [first, second] = [await pair(), await pair()];
  const [one, two] = [await leave(first), await leave(second)];
  const help = one["help"] as { topic: string; text: string; url: string }[];
  expect(two["help"]).toEqual(help);
  expect(help.map(({ topic }) => topic)).toContain("violence");
  for (const { url } of help) {
    expect(url).toMatch(/^(tel:\d+|https:\/\/)/);
    expect(url).not.toMatch(/[?#@]/);
  }
});

it("shows the other nothing of what one does afterwards: reading, taking along, choosing, looking in", async () => {
  const couple = await pair();
  const now = START + DAY_MS;
  await couple.a.run("notes.write", { title: "Ours", body: "The lake" }, { now: START });
  await couple.a.run("activities.log", { name: "Walk", type: "custom" }, { now: START });
  await leave(couple);
  await alarm(couple);
  vi.setSystemTime(now);
  const { socket } = await connect(couple.relationshipId, couple.grace.userId);
  await socket.settle();
  const frames = socket.frames.length;
  const before = [await answersOf(couple.b, new Map(), now), await exportOf(couple.b, now)];
  const mails = await mailsTo(couple.grace.email);

  await answersOf(couple.a, new Map(), now);
  await exportOf(couple.a, now);
  await couple.a.run("membership.set_parting_choice", { choice: "decline" }, { now });
  await couple.a.run("inbox.mark_all_read", {}, { now });
  const looking = await connect(couple.relationshipId, couple.ada.userId);
  looking.socket.close();
  await alarm(couple);

  await socket.settle();
  expect(socket.frames.slice(frames).filter(({ type }) => type !== "result")).toEqual([]);
  expect([await answersOf(couple.b, new Map(), now), await exportOf(couple.b, now)]).toEqual(before);
  expect(await mailsTo(couple.grace.email)).toEqual(mails);
});

it("gives nobody a way to look for a person", () => {
  const paths = [...app.routes.map(({ path }) => path), ...ROUTE_DOCS.map(({ path }) => path)];
  expect(paths.filter((path) => /user|people|person|search|find|lookup|directory/i.test(path))).toEqual([]);
});

it("answers an invitation to whoever left as any other, and lets none of it through", async () => {
  const couple = await pair();
  await leave(couple);
  await alarm(couple);
  const invite = (inviteeEmail: string) =>
    ask<{ invitation: Record<string, unknown> }>(couple.grace, "POST", "/invitations", { inviteeEmail });
  const toNobody = await invite("nobody-knows@people.test");
  const toAda = await invite(couple.ada.email);
  const shape = ({ status, data }: typeof toAda) => [status, Object.keys(data), Object.keys(data.invitation)];
  expect(shape(toAda)).toEqual(shape(toNobody));
  expect(await mailsTo(couple.ada.email)).toEqual([]);
  const { data } = await ask<{ received: unknown[] }>(couple.ada, "GET", "/invitations");
  expect(data.received).toEqual([]);
});
