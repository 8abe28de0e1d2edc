import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { eraseAccount } from "../../src/compliance/erasure.ts";
import { deleteOldKeptAway } from "../../src/db/kept-away.ts";
import { FREEZE_MS } from "../../src/domain/parting/rules.ts";
import { FRESH_SIGN_IN_MS } from "../../src/protocol/limits.ts";
import { authLibrary } from "../../src/auth/instance.ts";
import { signedInPerson, type Person } from "../support/people.ts";
import { alarm, ask, joinByLink, liveIdOf, mailsTo, pair, START, type Pair } from "./parting-steps.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: START });
});

afterEach(() => {
  vi.useRealTimers();
});

/** A couple that Ada has left. */
async function parted(): Promise<Pair> {
  const couple = await pair();
  await couple.a.run("membership.leave", {}, { now: START });
  await alarm(couple);
  return couple;
}

interface Issued {
  invitation: Record<string, unknown>;
  token: string;
}

const invite = (by: Person, inviteeEmail: string) => ask<Issued>(by, "POST", "/invitations", { inviteeEmail });
const received = async (person: Person): Promise<unknown[]> =>
  (await ask<{ invitations: unknown[] }>(person, "GET", "/relationships")).data.invitations;

it("keeps an invitation of whoever was left from whoever left, and its sender sees nothing of that", async () => {
  const { ada, grace } = await parted();
  const other = await signedInPerson();
  const toOther = await invite(grace, other.email);
  vi.setSystemTime(START + 1);
  const toAda = await invite(grace, ada.email.toUpperCase());
  expect(toAda.status).toBe(toOther.status);
  expect(Object.keys(toAda.data)).toEqual(Object.keys(toOther.data));
  expect(Object.keys(toAda.data.invitation)).toEqual(Object.keys(toOther.data.invitation));
  const sent = await ask<{ sent: { status: string; inviteeEmail: string }[] }>(grace, "GET", "/invitations");
  expect(sent.data.sent[0]).toMatchObject({ status: "pending", inviteeEmail: ada.email });
  const id = String(toAda.data.invitation["id"]);
  expect(await ask(grace, "POST", `/invitations/${id}/resend`, {})).toMatchObject({ status: 200 });
  expect((await mailsTo(other.email)).map(({ kind }) => kind)).toEqual(["partner_invitation"]);
  expect(await mailsTo(ada.email)).toEqual([]);
  expect(await received(ada)).toEqual([]);
});

it("lets whoever left invite the other, and accept a link of theirs by choice, which lifts the block", async () => {
  const { ada, grace } = await parted();
  await invite(ada, grace.email);
  expect((await mailsTo(grace.email)).map(({ kind }) => kind)).toContain("partner_invitation");
  expect(await received(grace)).toHaveLength(1);
  const { data } = await invite(grace, ada.email);
  const id = String(data.invitation["id"]);
  const { data: renewed } = await ask<Issued>(grace, "POST", `/invitations/${id}/resend`, {});
  const together = await joinByLink(env, ada.userId, renewed.token);
  expect(await liveIdOf(grace.userId)).toBe(together.id);
  const { results } = await env.DB.prepare("SELECT 1 FROM parted_pairs WHERE user_id = ?").bind(ada.userId).all();
  expect(results).toEqual([]);
});

const accept = (by: Person, token: string) =>
  ask<{ status: string; relationship?: unknown }>(by, "POST", "/invitations/accept", { token });
const blocksOf = async (person: Person): Promise<unknown[]> =>
  (
    await env.DB.prepare("SELECT user_id, other_user_id FROM parted_pairs WHERE user_id = ?1 OR other_user_id = ?1")
      .bind(person.userId)
      .all()
  ).results;

it("joins whoever was left to whoever left only when these say so, whatever link has reached them", async () => {
  const { ada, grace } = await parted();
  const { data } = await invite(ada, "somebody@people.test");
  const held = await accept(grace, data.token);
  expect(held).toMatchObject({ status: 202, data: { status: "awaiting_confirmation" } });
  expect(held.data.relationship).toBeUndefined();
  expect(await accept(grace, data.token)).toEqual(held);
  expect((await mailsTo(ada.email)).map(({ kind }) => kind)).toEqual(["confirm_partner"]);
  expect(await liveIdOf(grace.userId)).toBeNull();
  const id = String(data.invitation["id"]);
  const sent = await ask<{ sent: unknown[] }>(ada, "GET", "/invitations");
  expect(sent.data.sent[0]).toMatchObject({ id, awaitingConfirmation: { userId: grace.userId, name: "Grace" } });
  // Whom Ada meant joins meanwhile, or Ada says no, and the link is in the wrong hands no more.
  expect(await ask(ada, "POST", `/invitations/${id}/reject`, {})).toMatchObject({
    data: { invitation: { status: "revoked", awaitingConfirmation: null } },
  });
  expect(await accept(grace, data.token)).toMatchObject({ status: 410 });
  expect(await blocksOf(ada)).toHaveLength(1);

  const again = await invite(ada, "somebody@people.test");
  expect((await accept(grace, again.data.token)).status).toBe(202);
  const confirmed = await ask(ada, "POST", `/invitations/${String(again.data.invitation["id"])}/confirm`, {
    userId: grace.userId,
  });
  expect(confirmed.status).toBe(200);
  expect(await liveIdOf(grace.userId)).toBe(await liveIdOf(ada.userId));
  expect((await accept(grace, again.data.token)).data.status).toBe("accepted");
  expect(await blocksOf(ada)).toEqual([]);
});

it("lets somebody else take a link for which whoever was left waits", async () => {
  const { ada, grace } = await parted();
  const { data } = await invite(ada, "somebody@people.test");
  expect((await accept(grace, data.token)).status).toBe(202);
  const other = await signedInPerson();
  expect((await accept(other, data.token)).status).toBe(200);
  expect(await liveIdOf(other.userId)).toBe(await liveIdOf(ada.userId));
  expect((await accept(grace, data.token)).status).toBe(409);
});

it("keeps away once for each leaving, whatever the old space reports later", async () => {
  const { ada, grace, relationshipId, b } = await parted();
  const { data } = await invite(grace, ada.email);
  vi.setSystemTime(START + 1_000);
  await joinByLink(env, ada.userId, data.token);
  expect(await blocksOf(ada)).toEqual([]);
  await b.run("membership.leave", {}, { now: START + 2_000 });
  vi.setSystemTime(START + 2_000);
  await alarm({ relationshipId });
  expect(await blocksOf(ada)).toEqual([]);
  vi.setSystemTime(START + FREEZE_MS);
  await alarm({ relationshipId });
  expect(await blocksOf(ada)).toEqual([]);
});

it("keeps both away when both leave, and nobody from whoever is erased", async () => {
  const couple = await parted();
  await couple.b.run("membership.leave", {}, { now: START + 1 });
  vi.setSystemTime(START + 1);
  await alarm(couple);
  expect(await blocksOf(couple.ada)).toHaveLength(2);
  await eraseAccount(env, couple.ada, Date.now());
  expect(await blocksOf(couple.ada)).toEqual([]);
  vi.setSystemTime(START + FREEZE_MS);
  await alarm(couple);
  expect(await blocksOf(couple.ada)).toEqual([]);
});

async function keptFrom(...senders: Person[]): Promise<unknown[]> {
  const { results } = await env.DB.prepare(
    "SELECT * FROM kept_away_addresses WHERE sender_user_id IN (SELECT value FROM json_each(?))",
  )
    .bind(JSON.stringify(senders.map(({ userId }) => userId)))
    .all();
  return results;
}

it("keeps the address of whoever left to itself when their account is erased, for two years", async () => {
  const { ada, grace } = await parted();
  const couple = await pair();
  await eraseAccount(env, ada, Date.now());
  // Leaving by erasing is leaving.
  await eraseAccount(env, couple.ada, Date.now());
  await alarm(couple);
  const kept = await keptFrom(grace, couple.grace);
  expect(kept).toHaveLength(2);
  for (const word of [ada.userId, ada.email]) expect(JSON.stringify(kept)).not.toContain(word);
  for (const [left, gone] of [
    [grace, ada],
    [couple.grace, couple.ada],
  ] as const) {
    expect((await invite(left, gone.email.toUpperCase())).status).toBe(201);
    expect(await mailsTo(gone.email)).toEqual([]);
  }
  // Somebody has that address again: nothing is shown to them either, and what they accept by choice lifts it.
  const again = await signedInPerson({ name: "Ada" });
  await env.DB.prepare("UPDATE users SET email = ? WHERE id = ?").bind(ada.email, again.userId).run();
  const { data } = await invite(grace, ada.email);
  expect(await received(again)).toEqual([]);
  await joinByLink(env, again.userId, data.token);
  expect(await keptFrom(grace, couple.grace)).toHaveLength(1);
  await deleteOldKeptAway(env.DB, START, 100);
  expect(await keptFrom(grace, couple.grace)).toHaveLength(1);
  await deleteOldKeptAway(env.DB, START + 1, 100);
  expect(await keptFrom(grace, couple.grace)).toEqual([]);
});

it("asks a stolen session for the password before anything that cannot be taken back", async () => {
  const { ada, relationshipId } = await pair();
  const library = await authLibrary(env);
  const password = await (await library.$context).password.hash("correct horse battery");
  const at = new Date(START).toISOString();
  await env.DB.prepare(
    `INSERT INTO accounts (id, user_id, provider_id, account_id, password, created_at, updated_at)
     VALUES (?1, ?1, 'credential', ?1, ?2, ?3, ?3)`,
  )
    .bind(ada.userId, password, at)
    .run();
  vi.setSystemTime(START + FRESH_SIGN_IN_MS + 1);
  const leave = () => ask(ada, "POST", `/relationships/${relationshipId}/commands/membership.leave`, {});
  expect(await leave()).toMatchObject({ status: 403, error: { code: "fresh_sign_in_required" } });
  const answer = await ask(ada, "POST", "/auth/confirm", { password: "wrong horse" });
  expect(answer).toMatchObject({ status: 401, error: { code: "unauthenticated" } });
  expect(JSON.stringify(answer)).not.toContain("wrong horse");
  expect(await leave()).toMatchObject({ status: 403 });
  expect(await ask(ada, "POST", "/auth/confirm", { password: "correct horse battery" })).toMatchObject({
    status: 200,
    data: { status: "confirmed" },
  });
  expect(await leave()).toMatchObject({ status: 200, data: { data: { status: "frozen" } } });
}, 20_000);

it("counts wrong passwords with those of sign-ins", async () => {
  const { ada } = await pair();
  const answers: number[] = [];
  for (let tries = 0; tries < 11; tries++) {
    answers.push((await ask(ada, "POST", "/auth/confirm", { password: "guess" })).status);
  }
  expect(answers.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 401));
  expect(answers[10]).toBe(429);
});
