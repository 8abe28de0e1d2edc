import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { FRESH_SIGN_IN_MS } from "../../src/protocol/limits.ts";
import { authLibrary } from "../../src/auth/instance.ts";
import { acceptByToken } from "../../src/pairing/accept.ts";
import { signedInPerson, type Person } from "../support/people.ts";
import { alarm, ask, liveIdOf, mailsTo, pair, START, type Pair } from "./parting-steps.ts";

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
  const together = await acceptByToken(env, ada.userId, renewed.token, Date.now());
  expect(await liveIdOf(grace.userId)).toBe(together.id);
  const { results } = await env.DB.prepare("SELECT 1 FROM parted_pairs WHERE user_id = ?").bind(ada.userId).all();
  expect(results).toEqual([]);
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
