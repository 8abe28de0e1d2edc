import { env } from "cloudflare:workers";
import { beforeEach, expect, it } from "vitest";
import { linkMailedTo, mailsTo } from "../support/mailbox.ts";
import type { Person } from "../support/people.ts";
import { signedInPerson } from "../support/people.ts";
import { withRival } from "./faults.ts";
import { checkIn } from "./object-view.ts";
import type { Answer, CallOptions } from "./pairing-app.ts";
import { acceptLink, call, invite, liveOf, MINUTE_MS, open, START } from "./pairing-app.ts";

async function enter(
  person: Person,
  code: string,
  options: CallOptions = {},
): Promise<Answer<Record<string, unknown>>> {
  return call(person, "/invitations/accept", { code }, options);
}

beforeEach(async () => {
  // A guess of one test must not be the code of another.
  await env.DB.prepare("UPDATE partner_invitations SET code_hmac = NULL, code_expires_at = NULL").run();
});

/** Six digits that no pending invitation has. */
function otherThan(code: string, step = 1): string {
  return String((Number(code) + step) % 1_000_000).padStart(6, "0");
}

async function waiting(inviter: Person): Promise<unknown> {
  const { data } = await call<{ sent: { awaitingConfirmation: unknown }[] }>(inviter, "/invitations");
  return data.sent[0]?.awaitingConfirmation;
}

it("joins by code only after the inviter has confirmed the name", async () => {
  const ada = await signedInPerson({ name: "Ada" });
  const grace = await signedInPerson({ name: "Grace" });
  const { code, invitation } = await invite(ada);
  const entered = await enter(grace, code);
  expect(entered.status).toBe(202);
  expect(entered.data).toEqual({
    status: "awaiting_confirmation",
    invitation: { id: invitation.id, inviterName: "Ada", expiresAt: invitation.expiresAt },
  });
  expect(await liveOf(grace)).toBeNull();
  expect(await waiting(ada)).toEqual({ userId: grace.userId, name: "Grace", since: START });
  const mails = await mailsTo(ada.email);
  expect(mails.map((mail) => mail.kind)).toEqual(["confirm_partner"]);
  expect(mails[0]?.text).toContain("Grace");
  expect((await linkMailedTo(ada.email, "confirm_partner")).pathname).toBe("/invitation");

  const confirmed = await call(ada, `/invitations/${invitation.id}/confirm`, { userId: grace.userId });
  expect(confirmed.status).toBe(200);
  expect((await liveOf(grace))?.id).toBe((await liveOf(ada))?.id);
  const again = await call(ada, `/invitations/${invitation.id}/confirm`, {});
  expect(again.status).toBe(200);
  expect(again.data).toEqual(confirmed.data);
  expect((await enter(grace, code)).status).toBe(200);
});

it("answers a code that the same person enters again the same way, and mails once", async () => {
  const ada = await signedInPerson();
  const grace = await signedInPerson();
  const { code } = await invite(ada);
  const first = await enter(grace, code);
  expect((await enter(grace, code)).data).toEqual(first.data);
  expect(await mailsTo(ada.email)).toHaveLength(1);
});

it("gives a code to the first who enters it and is a wrong code to others", async () => {
  const ada = await signedInPerson();
  const { code } = await invite(ada);
  const guests = await Promise.all(Array.from({ length: 12 }, () => signedInPerson()));
  const answers = await Promise.all(guests.map((guest) => enter(guest, code)));
  expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 404)).toHaveLength(11);
  expect(await mailsTo(ada.email)).toHaveLength(1);
});

it("rejects whoever waits, kills the used code and keeps the link", async () => {
  const ada = await signedInPerson();
  const eve = await signedInPerson();
  const grace = await signedInPerson();
  const { code, token, invitation } = await invite(ada);
  await enter(eve, code);
  expect((await call(ada, `/invitations/${invitation.id}/new-code`, {})).error.details?.["reason"]).toBe(
    "awaiting_confirmation",
  );
  expect((await call(ada, `/invitations/${invitation.id}/reject`, {})).status).toBe(200);
  expect((await enter(eve, code)).status).toBe(404);
  expect(await liveOf(eve)).toBeNull();
  expect((await call(ada, `/invitations/${invitation.id}/confirm`, {})).error.details?.["reason"]).toBe("nobody_waits");
  expect((await acceptLink(grace, token)).status).toBe(200);
});

it("does not confirm somebody else than the person whose name was shown", async () => {
  const ada = await signedInPerson();
  const eve = await signedInPerson();
  const { code, invitation } = await invite(ada);
  await enter(eve, code);
  const { status, error } = await call(ada, `/invitations/${invitation.id}/confirm`, { userId: "somebody_else" });
  expect(status).toBe(409);
  expect(error.details?.["reason"]).toBe("other_person_waits");
  expect(await liveOf(eve)).toBeNull();
});

it("does not confirm somebody who was rejected at the last moment", async () => {
  const ada = await signedInPerson();
  const eve = await signedInPerson();
  const { code, invitation } = await invite(ada);
  await enter(eve, code);
  const path = `/invitations/${invitation.id}`;
  const slow = withRival(1, () => call(ada, `${path}/reject`, {}));
  const { status, error } = await call(ada, `${path}/confirm`, {}, { env: slow });
  expect([status, error.details?.["reason"]]).toEqual([409, "nobody_waits"]);
  expect(await liveOf(eve)).toBeNull();
  expect((await liveOf(ada))?.status).toBe("solo");
});

it("ends all three forms together when the link is accepted", async () => {
  const ada = await signedInPerson();
  const eve = await signedInPerson();
  const grace = await signedInPerson();
  const { code, token, invitation } = await invite(ada);
  await enter(eve, code);
  expect((await acceptLink(grace, token)).status).toBe(200);
  expect((await enter(eve, code)).status).toBe(404);
  const confirmed = await call<{ relationship: { members: { userId: string }[] } }>(
    ada,
    `/invitations/${invitation.id}/confirm`,
    {},
  );
  expect(confirmed.data.relationship.members.map((member) => member.userId)).not.toContain(eve.userId);
});

it.each(["revoke", "decline"])("ends the code with a %s", async (move) => {
  const ada = await signedInPerson();
  const grace = await signedInPerson();
  const { code, token, invitation } = await invite(ada);
  if (move === "revoke") await call(ada, `/invitations/${invitation.id}/revoke`, {});
  else await call(null, "/invitations/decline", { token });
  expect((await enter(grace, code)).status).toBe(404);
});

it("lets a code live for fifteen minutes and no longer", async () => {
  const ada = await signedInPerson();
  const grace = await signedInPerson();
  const { code, codeExpiresAt } = await invite(ada);
  expect(codeExpiresAt).toBe(START + 15 * MINUTE_MS);
  expect((await enter(grace, code, { at: codeExpiresAt })).status).toBe(404);
  expect((await enter(grace, code, { at: codeExpiresAt - 1 })).status).toBe(202);
});

it("locks an account's code entry for fifteen minutes after five wrong codes, whatever the address", async () => {
  const ada = await signedInPerson();
  const grace = await signedInPerson();
  const { code } = await invite(ada, {}, { at: START });
  for (let i = 1; i <= 5; i++) {
    const wrong = await enter(grace, otherThan(code, i));
    expect([wrong.status, wrong.error.details?.["attemptsLeft"]]).toEqual([404, 5 - i]);
  }
  const locked = await enter(grace, code, { at: START + MINUTE_MS });
  expect(locked.status).toBe(429);
  expect(locked.headers.get("retry-after")).toBe(String(14 * 60));
  expect((await enter(grace, code, { at: START + 15 * MINUTE_MS - 1 })).status).toBe(429);
  const renewed = await invite(ada, {}, { at: START + 15 * MINUTE_MS });
  expect((await enter(grace, renewed.code, { at: START + 15 * MINUTE_MS })).status).toBe(202);
});

it("looks at exactly five of many simultaneous guesses", async () => {
  const ada = await signedInPerson();
  const eve = await signedInPerson();
  const { code } = await invite(ada);
  // The first fence takes thirty requests a minute of one person, so more would not reach the count.
  const answers = await Promise.all(Array.from({ length: 25 }, (_, i) => enter(eve, otherThan(code, i + 1))));
  expect(answers.filter(({ status }) => status === 404)).toHaveLength(5);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(20);
  expect((await enter(eve, code)).status).toBe(429);
});

it("does not let an accomplice's right code buy more guesses", async () => {
  const ada = await signedInPerson();
  const eve = await signedInPerson();
  const accomplice = await signedInPerson();
  const target = await invite(ada);
  for (let i = 1; i <= 4; i++) expect((await enter(eve, otherThan(target.code, i))).status).toBe(404);
  const bought = await invite(accomplice);
  expect((await enter(eve, bought.code)).status).toBe(202);
  expect((await enter(eve, otherThan(target.code, 5))).status).toBe(404);
  expect((await enter(eve, target.code)).status).toBe(429);
});

it("counts wrong codes per address prefix across accounts", async () => {
  const ada = await signedInPerson();
  const { code } = await invite(ada);
  const address = "203.0.113.7";
  for (let i = 0; i < 10; i++) {
    const eve = await signedInPerson();
    expect((await enter(eve, otherThan(code, i + 1), { address })).status).toBe(404);
  }
  const next = await signedInPerson();
  expect((await enter(next, code, { address: "203.0.113.99" })).status).toBe(429);
  expect((await enter(next, code, { address: "198.51.100.1" })).status).toBe(202);
  const stored = JSON.stringify((await env.DB.prepare("SELECT * FROM sign_in_attempts").all()).results);
  expect(stored).not.toContain("203.0.113");
});

it("refuses the code of one's own invitation without counting it as wrong", async () => {
  const ada = await signedInPerson();
  const { code } = await invite(ada);
  for (let i = 0; i < 6; i++) {
    expect((await enter(ada, code)).error.details?.["reason"]).toBe("own_invitation");
  }
});

it("lets whoever wrote something alone enter a code and be confirmed", async () => {
  const ada = await signedInPerson();
  const grace = await signedInPerson();
  const { code, invitation } = await invite(ada);
  const own = await open(grace);
  expect(await checkIn(own.id, grace.userId)).toBe(true);
  expect((await enter(grace, code)).status).toBe(202);
  expect((await call(ada, `/invitations/${invitation.id}/confirm`, {})).status).toBe(200);
  expect(await liveOf(grace)).toMatchObject({ id: (await liveOf(ada))?.id, status: "active" });
});

it("does not tell the inviter why the other person cannot join", async () => {
  const ada = await signedInPerson();
  const grace = await signedInPerson();
  const { code, invitation } = await invite(ada);
  expect((await enter(grace, code)).status).toBe(202);
  // Grace joins somebody else in the very moment in which Ada confirms.
  const other = await invite(await signedInPerson());
  const slow = withRival(1, () => acceptLink(grace, other.token));
  const { status, error } = await call(ada, `/invitations/${invitation.id}/confirm`, {}, { env: slow });
  expect([status, error.code]).toEqual([409, "conflict"]);
  expect(["accepter_unavailable", "nobody_waits"]).toContain(error.details?.["reason"]);
  expect((await liveOf(ada))?.status).toBe("solo");
});

it.each(["12345", "1234567", "12345a", "１２３４５６", "' OR 1=1"])(
  "refuses %s as malformed, uncounted",
  async (code) => {
    const grace = await signedInPerson();
    expect((await enter(grace, code)).status).toBe(400);
    const counted = await env.DB.prepare("SELECT count(*) AS n FROM code_entry_attempts WHERE user_id = ?")
      .bind(grace.userId)
      .first("n");
    expect(counted).toBe(0);
  },
);
