import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { newId } from "../../src/protocol/ids.ts";
import { mailsTo } from "../support/mailbox.ts";
import type { Person } from "../support/people.ts";
import { signedInPerson } from "../support/people.ts";
import type { Answer } from "./pairing-app.ts";
import { acceptLink, call, DAY_MS, invite, liveOf, MINUTE_MS, START } from "./pairing-app.ts";
import type { IssuedInvitation } from "../../src/pairing/schema.ts";

interface Sent {
  sent: { id: string; status: string }[];
}

async function statusOf(inviter: Person, id: string, at = START): Promise<string | undefined> {
  const { data } = await call<Sent>(inviter, "/invitations", undefined, { at });
  return data.sent.find((invitation) => invitation.id === id)?.status;
}

type Move = (inviter: Person, issued: IssuedInvitation, at: number) => Promise<Answer<Record<string, unknown>>>;

const guests = new Map<string, Person>();
async function guestOf({ invitation }: IssuedInvitation): Promise<Person> {
  const guest = guests.get(invitation.id) ?? (await signedInPerson({ name: "Guest" }));
  guests.set(invitation.id, guest);
  return guest;
}

const MOVES: Record<string, Move> = {
  accept: async (_, issued, at) => call(await guestOf(issued), "/invitations/accept", { token: issued.token }, { at }),
  decline: (_, { token }, at) => call(null, "/invitations/decline", { token }, { at }),
  revoke: (inviter, { invitation }, at) => call(inviter, `/invitations/${invitation.id}/revoke`, {}, { at }),
  resend: (inviter, { invitation }, at) => call(inviter, `/invitations/${invitation.id}/resend`, {}, { at }),
  newCode: (inviter, { invitation }, at) => call(inviter, `/invitations/${invitation.id}/new-code`, {}, { at }),
  preview: (_, { token }, at) => call(null, "/invitations/preview", { token }, { at }),
};

/** State -> how to get there, and what each move answers from there. */
const TABLE: Record<string, { reach: string | null; answers: Record<string, number> }> = {
  pending: {
    reach: null,
    answers: { accept: 200, decline: 200, revoke: 200, resend: 200, newCode: 200, preview: 200 },
  },
  accepted: {
    reach: "accept",
    answers: { accept: 200, decline: 409, revoke: 409, resend: 409, newCode: 409, preview: 409 },
  },
  declined: {
    reach: "decline",
    answers: { accept: 410, decline: 200, revoke: 410, resend: 410, newCode: 410, preview: 410 },
  },
  revoked: {
    reach: "revoke",
    answers: { accept: 410, decline: 410, revoke: 200, resend: 410, newCode: 410, preview: 410 },
  },
  expired: {
    reach: "wait",
    answers: { accept: 410, decline: 410, revoke: 410, resend: 410, newCode: 410, preview: 410 },
  },
};

async function reachState(inviter: Person, issued: IssuedInvitation, reach: string | null): Promise<number> {
  if (reach === "wait") return START + 7 * DAY_MS;
  if (reach !== null) await MOVES[reach]?.(inviter, issued, START);
  return START;
}

const CASES = Object.entries(TABLE).flatMap(([state, { reach, answers }]) =>
  Object.entries(answers).map(([move, expected]) => ({ state, reach, move, expected })),
);

it.each(CASES)(
  "answers $move with $expected when the invitation is $state",
  async ({ state, reach, move, expected }) => {
    const inviter = await signedInPerson({ name: "Ada" });
    const issued = await invite(inviter, { inviteeEmail: `guest-${crypto.randomUUID()}@people.test` });
    const at = await reachState(inviter, issued, reach);
    expect(await statusOf(inviter, issued.invitation.id, at)).toBe(state);
    expect((await MOVES[move]?.(inviter, issued, at))?.status).toBe(expected);
  },
);

it.each(CASES.filter(({ expected }) => expected >= 400))(
  "changes nothing when it refuses $move of an invitation that is $state, and says so",
  async ({ state, reach, move }) => {
    const inviter = await signedInPerson({ name: "Ada" });
    const issued = await invite(inviter, { inviteeEmail: `guest-${crypto.randomUUID()}@people.test` });
    const at = await reachState(inviter, issued, reach);
    const answer = await MOVES[move]?.(inviter, issued, at);
    expect(answer?.error.details?.["reason"]).toBe(state === "accepted" ? "already_accepted" : state);
    expect(await statusOf(inviter, issued.invitation.id, at)).toBe(state);
  },
);

it("makes nothing but an invitation when the invited person has an account", async () => {
  const ada = await signedInPerson({ name: "Ada" });
  const grace = await signedInPerson();
  await invite(ada, { inviteeEmail: grace.email });
  expect(await liveOf(grace)).toBeNull();
  const members = await env.DB.prepare("SELECT count(*) AS n FROM relationship_members WHERE user_id = ?")
    .bind(grace.userId)
    .first("n");
  expect(members).toBe(0);
});

it("answers alike for an address with an account and one without", async () => {
  const ada = await signedInPerson({ name: "Ada" });
  const grace = await signedInPerson();
  const known = await call(ada, "/invitations", { inviteeEmail: grace.email });
  const unknown = await call(ada, "/invitations", { inviteeEmail: "nobody@people.test" });
  expect(known.status).toBe(201);
  expect(unknown.status).toBe(201);
  expect(Object.keys(unknown.data)).toEqual(Object.keys(known.data));
});

it("stores neither token nor code, and shows them once", async () => {
  const ada = await signedInPerson();
  const { token, code, link, qrContent, invitation } = await invite(ada);
  expect(Buffer.from(token, "base64url").length).toBeGreaterThanOrEqual(16);
  expect(qrContent).toBe(link);
  expect(new URL(link).hash).toBe(`#token=${token}`);
  const row = JSON.stringify(
    await env.DB.prepare("SELECT * FROM partner_invitations WHERE id = ?").bind(invitation.id).first(),
  );
  expect(row).not.toContain(token);
  expect(row).not.toContain(`"${code}"`);
  const list = JSON.stringify((await call(ada, "/invitations")).data);
  expect(list).not.toContain(token);
  expect(list).not.toContain(code);
});

it("lets a new invitation revoke the one before it", async () => {
  const ada = await signedInPerson();
  const first = await invite(ada);
  const second = await invite(ada);
  expect(await statusOf(ada, first.invitation.id)).toBe("revoked");
  expect(await statusOf(ada, second.invitation.id)).toBe("pending");
  const grace = await signedInPerson();
  expect((await acceptLink(grace, first.token)).status).toBe(410);
  expect((await acceptLink(grace, second.token)).status).toBe(200);
});

it("mails the link, the name and the code, and no word of the message", async () => {
  const ada = await signedInPerson({ name: "Ada" });
  const email = `guest-${crypto.randomUUID()}@people.test`;
  const { token, code } = await invite(ada, { inviteeEmail: email, message: "canary-of-love" });
  const mails = await mailsTo(email);
  expect(mails).toHaveLength(1);
  expect(mails[0]?.text).toContain(token);
  expect(mails[0]?.text).toContain(code);
  expect(mails[0]?.text).toContain("Ada");
  expect(JSON.stringify(mails)).not.toContain("canary-of-love");
});

it("resends three times a day, each time with a new link that ends the old one", async () => {
  const ada = await signedInPerson();
  const email = `guest-${crypto.randomUUID()}@people.test`;
  const first = await invite(ada, { inviteeEmail: email });
  const path = `/invitations/${first.invitation.id}/resend`;
  const tokens = [first.token];
  for (let i = 0; i < 3; i++) tokens.push((await call<IssuedInvitation>(ada, path, {})).data.token);
  const fourth = await call(ada, path, {});
  expect(fourth.status).toBe(429);
  // START is noon, and the count begins anew with the next day in UTC.
  expect(fourth.headers.get("retry-after")).toBe(String(12 * 3_600));
  expect(await mailsTo(email)).toHaveLength(4);
  expect((await call(ada, path, {}, { at: START + DAY_MS })).status).toBe(200);
  const grace = await signedInPerson();
  for (const token of tokens) expect((await acceptLink(grace, token)).status).toBe(404);
});

it("keeps the limit of resends when they come at once", async () => {
  const ada = await signedInPerson();
  const email = `guest-${crypto.randomUUID()}@people.test`;
  const { invitation } = await invite(ada, { inviteeEmail: email });
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => call(ada, `/invitations/${invitation.id}/resend`, {})),
  );
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(5);
  expect(await mailsTo(email)).toHaveLength(4);
});

it("refuses to resend what was not mailed", async () => {
  const ada = await signedInPerson();
  const { invitation } = await invite(ada);
  const { status, error } = await call(ada, `/invitations/${invitation.id}/resend`, {});
  expect(status).toBe(409);
  expect(error.details?.["reason"]).toBe("no_address");
});

it("says when the next invitation may be sent: a day after the oldest that counts", async () => {
  const ada = await signedInPerson();
  for (let i = 0; i < 10; i++) await invite(ada, {}, { at: START + i * MINUTE_MS });
  const at = START + 30 * MINUTE_MS + 500;
  const refused = await call(ada, "/invitations", {}, { at });
  expect(refused.status).toBe(429);
  const seconds = Number(refused.headers.get("retry-after"));
  expect(seconds).toBe(24 * 3_600 - 30 * 60);
  expect((await call(ada, "/invitations", {}, { at: at + (seconds - 1) * 1_000 })).status).toBe(429);
  expect((await call(ada, "/invitations", {}, { at: at + seconds * 1_000 })).status).toBe(201);
});

it("allows ten invitations a day, however they come", async () => {
  const ada = await signedInPerson();
  const answers = await Promise.all(Array.from({ length: 14 }, () => call(ada, "/invitations", {})));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(10);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(4);
  expect((await call(ada, "/invitations", {}, { at: START + DAY_MS + MINUTE_MS })).status).toBe(201);
});

it("replaces the code and keeps the link", async () => {
  const ada = await signedInPerson();
  const issued = await invite(ada);
  const renewed = await call<{ code: string; codeExpiresAt: number }>(
    ada,
    `/invitations/${issued.invitation.id}/new-code`,
    {},
    { at: START + MINUTE_MS },
  );
  expect(renewed.data.codeExpiresAt).toBe(START + 16 * MINUTE_MS);
  const grace = await signedInPerson();
  const old = await call(grace, "/invitations/accept", { code: issued.code });
  // Once in a million runs the new code is the old one.
  expect(old.status).toBe(issued.code === renewed.data.code ? 202 : 404);
  expect((await acceptLink(grace, issued.token)).status).toBe(200);
});

it("hides other people's invitations behind the same 404 as missing ones", async () => {
  const ada = await signedInPerson();
  const eve = await signedInPerson();
  const { invitation } = await invite(ada);
  for (const id of [invitation.id, newId("invitation", START), "inv_nonsense"]) {
    for (const move of ["resend", "revoke", "new-code", "confirm", "reject"]) {
      const { status, error } = await call(eve, `/invitations/${id}/${move}`, {});
      expect([move, status, error]).toEqual([
        move,
        404,
        { code: "not_found", message: "No such invitation", retryable: false },
      ]);
    }
  }
  expect(await statusOf(ada, invitation.id)).toBe("pending");
});

it("shows a preview with a name and a date, and nothing else, to anybody with the link", async () => {
  const ada = await signedInPerson({ name: "Ada" });
  const { token } = await invite(ada, { message: "secret words" });
  const { data } = await call(null, "/invitations/preview", { token });
  expect(data).toEqual({ invitation: { inviterName: "Ada", expiresAt: START + 7 * DAY_MS } });
});

it("lets nobody invite or accept without a session, nor by one whose address is not confirmed", async () => {
  const ada = await signedInPerson();
  const newcomer = await signedInPerson({ emailVerified: false });
  const { token } = await invite(ada);
  expect((await call(newcomer, "/invitations", {})).status).toBe(401);
  expect((await acceptLink(newcomer, token)).status).toBe(401);
  expect((await call(null, "/invitations", {})).status).toBe(401);
  expect((await call(null, "/invitations/accept", { token })).status).toBe(401);
});

it.each([
  ["an unknown field", { inviteeUserId: "somebody" }, "inviteeUserId"],
  ["a malformed address", { inviteeEmail: "not an address" }, "inviteeEmail"],
  ["a long message", { message: "x".repeat(501) }, "message"],
  ["a message with NUL", { message: "a\u0000b" }, "message"],
])("refuses an invitation with %s and names the field", async (_, body, path) => {
  const ada = await signedInPerson();
  const { status, error } = await call(ada, "/invitations", body);
  expect(status).toBe(400);
  expect(error.details?.issues?.[0]?.path).toBe(path);
  expect(await liveOf(ada)).toBeNull();
});

it("refuses an invitation to oneself, however it is written", async () => {
  const ada = await signedInPerson();
  const { status, error } = await call(ada, "/invitations", { inviteeEmail: ada.email.toUpperCase() });
  expect(status).toBe(400);
  expect(error.details?.issues?.[0]?.path).toBe("inviteeEmail");
});
