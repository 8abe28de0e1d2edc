import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { mailsTo } from "../support/mailbox.ts";
import type { Person } from "../support/people.ts";
import { signedInPerson } from "../support/people.ts";
import { withRival } from "./faults.ts";
import { checkIn, profileInObject } from "./object-view.ts";
import { acceptLink, call, invite, liveOf, open, outboxOf, START } from "./pairing-app.ts";

async function people(count: number): Promise<Person[]> {
  return Promise.all(Array.from({ length: count }, (_, i) => signedInPerson({ name: `Guest ${i}` })));
}

/** Nobody in two live relationships, no live relationship with other members than its status says. */
async function brokenRelationships(): Promise<unknown[]> {
  const { results } = await env.DB.prepare(
    `SELECT r.id, r.status, count(m.user_id) AS members FROM relationships AS r
     LEFT JOIN relationship_members AS m ON m.relationship_id = r.id AND m.left_at IS NULL
     GROUP BY r.id
     HAVING members <> CASE r.status WHEN 'solo' THEN 1 WHEN 'active' THEN 2 ELSE 0 END`,
  ).all();
  return results;
}

it("brings two people together in the inviter's object and in D1", async () => {
  const ada = await signedInPerson({ name: "Ada" });
  const grace = await signedInPerson({ name: "Grace", timezone: "Asia/Tokyo" });
  const { token } = await invite(ada);
  const solo = await liveOf(ada);
  const { status, data } = await acceptLink(grace, token);
  expect(status).toBe(200);
  expect(data).toMatchObject({
    status: "accepted",
    relationship: {
      id: solo?.id,
      status: "active",
      version: 2,
      members: [
        { userId: ada.userId, slot: 1, isMe: false },
        { userId: grace.userId, slot: 2, isMe: true, timezone: "Asia/Tokyo" },
      ],
    },
  });
  for (const person of [ada, grace]) {
    expect((await liveOf(person))?.id).toBe(solo?.id);
    expect(await profileInObject(solo?.id ?? "", person.userId)).toEqual({ status: "active", names: ["Ada", "Grace"] });
    expect((await mailsTo(person.email)).map((mail) => mail.kind)).toEqual(["pairing_done"]);
  }
  expect(await outboxOf(solo?.id ?? "")).toEqual([]);
});

it("lets exactly one of fifty simultaneous accepts win", async () => {
  const ada = await signedInPerson();
  const { token, invitation } = await invite(ada);
  const guests = await people(50);
  const answers = await Promise.all(guests.map((guest) => acceptLink(guest, token)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  const losers = answers.filter(({ status }) => status !== 200);
  expect(losers.every(({ status, error }) => status === 409 && error.details?.["reason"] === "already_accepted")).toBe(
    true,
  );
  const winner = answers.findIndex(({ status }) => status === 200);
  expect((await liveOf(ada))?.members.map((member) => member.userId)).toContain(guests[winner]?.userId);
  const accepted = await env.DB.prepare("SELECT accepted_by_user_id AS id FROM partner_invitations WHERE id = ?")
    .bind(invitation.id)
    .first("id");
  expect(accepted).toBe(guests[winner]?.userId);
  expect(await brokenRelationships()).toEqual([]);
});

it("lets exactly one of thirty accepts win when each has a relationship of their own", async () => {
  const ada = await signedInPerson();
  const { token } = await invite(ada);
  const guests = await people(30);
  const before = await Promise.all(guests.map((guest) => open(guest)));
  const answers = await Promise.all(guests.map((guest) => acceptLink(guest, token)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(29);
  const losers = guests.filter((_, i) => answers[i]?.status === 409);
  const kept = before.filter((_, i) => answers[i]?.status === 409);
  // A loser keeps what they had, and can write in it at once.
  const now = await Promise.all(losers.map((guest) => liveOf(guest)));
  expect(now.map((live) => [live?.id, live?.status])).toEqual(kept.map(({ id }) => [id, "solo"]));
  const written = await Promise.all(losers.map((guest, i) => checkIn(kept[i]?.id ?? "", guest.userId)));
  expect(written).toEqual(losers.map(() => true));
  expect(await brokenRelationships()).toEqual([]);
});

it("lets one of two invitations win when the same person accepts both at once", async () => {
  const [b, c, a] = await people(3);
  if (a === undefined || b === undefined || c === undefined) throw new Error("three people");
  const [fromB, fromC] = [await invite(b), await invite(c)];
  const answers = await Promise.all([acceptLink(a, fromB.token), acceptLink(a, fromC.token)]);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  const loser = answers.find(({ status }) => status !== 200);
  expect(loser?.status).toBe(409);
  expect(loser?.error).toMatchObject({ code: "already_paired", details: { reason: "already_paired" } });
  expect(new Set([(await liveOf(b))?.status, (await liveOf(c))?.status])).toEqual(new Set(["active", "solo"]));
  expect(await brokenRelationships()).toEqual([]);
});

it("joins two people once when each accepts the other's invitation at the same moment", async () => {
  const [a, b] = await people(2);
  if (a === undefined || b === undefined) throw new Error("two people");
  const [fromA, fromB] = [await invite(a), await invite(b)];
  const answers = await Promise.all([acceptLink(a, fromB.token), acceptLink(b, fromA.token)]);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect((await liveOf(a))?.id).toBe((await liveOf(b))?.id);
  expect((await liveOf(a))?.status).toBe("active");
  expect(await brokenRelationships()).toEqual([]);
});

it("answers a repeated accept of the same person with the same relationship", async () => {
  const ada = await signedInPerson();
  const grace = await signedInPerson();
  const { token } = await invite(ada);
  const first = await acceptLink(grace, token);
  const again = await acceptLink(grace, token);
  expect(again.status).toBe(200);
  expect(again.data).toEqual(first.data);
  expect((await mailsTo(grace.email)).filter((mail) => mail.kind === "pairing_done")).toHaveLength(1);
});

it("answers ten accepts of the same person at once without a contradiction", async () => {
  const ada = await signedInPerson();
  const grace = await signedInPerson();
  const { token } = await invite(ada);
  const answers = await Promise.all(Array.from({ length: 10 }, () => acceptLink(grace, token)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(new Set(answers.map(({ data }) => data.relationship.id)).size).toBe(1);
});

it("refuses one's own invitation", async () => {
  const ada = await signedInPerson();
  const { token } = await invite(ada);
  const { status, error } = await acceptLink(ada, token);
  expect(status).toBe(409);
  expect(error.details?.["reason"]).toBe("own_invitation");
  expect((await liveOf(ada))?.status).toBe("solo");
});

it("ends the accepter's own empty relationship and the invitations from it", async () => {
  const ada = await signedInPerson();
  const grace = await signedInPerson();
  const { token } = await invite(ada);
  const hers = await invite(grace);
  const own = await liveOf(grace);
  expect((await acceptLink(grace, token)).status).toBe(200);
  const row = await env.DB.prepare("SELECT status, ended_at, absorbed_into_id FROM relationships WHERE id = ?")
    .bind(own?.id ?? "")
    .first();
  expect(row).toEqual({ status: "ended", ended_at: START, absorbed_into_id: (await liveOf(ada))?.id });
  expect(await checkIn(own?.id ?? "", grace.userId)).toBe(false);
  const other = await signedInPerson();
  expect((await acceptLink(other, hers.token)).error.details?.["reason"]).toBe("revoked");
});

it("lets two people join who both have written something alone", async () => {
  const ada = await signedInPerson();
  const grace = await signedInPerson();
  const { token } = await invite(ada);
  const [hers, his] = [await open(grace), await open(ada)];
  expect(await checkIn(hers.id, grace.userId)).toBe(true);
  expect(await checkIn(his.id, ada.userId)).toBe(true);
  expect((await acceptLink(grace, token)).status).toBe(200);
  expect(await liveOf(grace)).toMatchObject({ id: his.id, status: "active" });
  const row = await env.DB.prepare("SELECT source_id, user_id, target_id FROM absorptions WHERE source_id = ?")
    .bind(hers.id)
    .first();
  expect(row).toEqual({ source_id: hers.id, user_id: grace.userId, target_id: his.id });
  expect(await checkIn(hers.id, grace.userId)).toBe(false);
});

it("refuses whoever is in a couple, as accepter and as inviter", async () => {
  const [a, b, c] = await people(3);
  if (a === undefined || b === undefined || c === undefined) throw new Error("three people");
  const fromC = await invite(c);
  await acceptLink(b, (await invite(a)).token);
  for (const person of [a, b]) {
    expect((await acceptLink(person, fromC.token)).error.code).toBe("already_paired");
    expect((await call(person, "/invitations", {})).error.code).toBe("already_paired");
  }
  expect((await liveOf(c))?.status).toBe("solo");
});

it("does not take an unknown token, a malformed one, or one with extra fields", async () => {
  const grace = await signedInPerson();
  expect((await acceptLink(grace, "A".repeat(32))).status).toBe(404);
  expect((await acceptLink(grace, "short")).status).toBe(400);
  const { token } = await invite(await signedInPerson());
  const extra = await call(grace, "/invitations/accept", { token, userId: "somebody" });
  expect(extra.status).toBe(400);
  expect(JSON.stringify(extra.error)).not.toContain(token);
  expect((await call(grace, "/invitations/accept", {})).status).toBe(400);
});

it("expires exactly at its time", async () => {
  const ada = await signedInPerson();
  const grace = await signedInPerson();
  const { token, invitation } = await invite(ada);
  expect((await acceptLink(grace, token, { at: invitation.expiresAt })).status).toBe(410);
  expect((await acceptLink(grace, token, { at: invitation.expiresAt - 1 })).status).toBe(200);
});

it.each<[string, (ada: Person, token: string, id: string) => Promise<unknown>, number, string | undefined]>([
  ["revoked", (ada, _, id) => call(ada, `/invitations/${id}/revoke`, {}), 410, "revoked"],
  ["declined", (_, token) => call(null, "/invitations/decline", { token }), 410, "declined"],
  ["replaced", (ada) => invite(ada), 410, "revoked"],
  ["resent", (ada, _, id) => call(ada, `/invitations/${id}/resend`, {}), 404, undefined],
  ["accepted by somebody else", async (_, token) => acceptLink(await signedInPerson(), token), 409, "already_accepted"],
  [
    "left behind by an inviter who joined somebody else",
    async (ada) => acceptLink(ada, (await invite(await signedInPerson())).token),
    410,
    "revoked",
  ],
])("refuses when the invitation is %s at the last moment", async (_, rival, status, reason) => {
  const ada = await signedInPerson();
  const grace = await signedInPerson();
  const { token, invitation } = await invite(ada, { inviteeEmail: `guest-${crypto.randomUUID()}@people.test` });
  const own = await open(grace);
  const slow = withRival(1, () => rival(ada, token, invitation.id));
  const answer = await acceptLink(grace, token, { env: slow });
  expect([answer.status, answer.error.details?.["reason"]]).toEqual([status, reason]);
  expect(await liveOf(grace)).toMatchObject({ id: own.id, status: "solo" });
  expect(await checkIn(own.id, grace.userId)).toBe(true);
  expect(await brokenRelationships()).toEqual([]);
});
