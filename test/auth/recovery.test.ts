import { env, exports } from "cloudflare:workers";
import { expect, it } from "vitest";
import { askForRecovery } from "../../src/auth/recovery.ts";
import { runRecoveries, tellRecoveries } from "../../src/auth/recovery-job.ts";
import { finishRecoveryStatement } from "../../src/db/recoveries.ts";
import { DAY_MS, HOUR_MS } from "../../src/protocol/limits.ts";
import { createCouple, type TestCouple } from "../support/couple.ts";
import { leave } from "../support/departure.ts";
import { linkMailedTo, mailsTo } from "../support/mailbox.ts";
import { openSession, signedInPerson, type Person } from "../support/people.ts";
import { rowsOf } from "../support/object.ts";

const WAIT_MS = 48 * HOUR_MS;
const MINUTE_MS = 60_000;

interface Scene {
  couple: TestCouple;
  ada: Person;
  grace: Person;
  newEmail: string;
  /** Epoch milliseconds at which the story begins. */
  start: number;
}

interface Summary {
  id: string;
  status: string;
  readyAt: number | null;
}

async function scene(enabled = true): Promise<Scene> {
  const start = Date.now();
  const [ada, grace] = await Promise.all([signedInPerson({ name: "Ada" }), signedInPerson({ name: "Grace" })]);
  const couple = await createCouple({ userIds: [ada.userId, grace.userId], createdAt: start });
  if (enabled) await request(ada, "PUT", "/me/recovery", { enabled: true }, start);
  return { couple, ada, grace, newEmail: `new-${ada.userId}@people.test`, start };
}

let addresses = 0;

async function request(person: Person | null, method: string, path: string, body: unknown, at: number) {
  addresses += 1;
  const response = await exports.default.fetch(`https://api.example/api${path}`, {
    method,
    headers: {
      ...person?.headers,
      "content-type": "application/json",
      "cf-connecting-ip": `10.7.${addresses % 250}.1`,
      "x-bt-now": String(at),
    },
    ...(method === "GET" ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text() };
}

const ask = (s: Scene, at = s.start, email = s.ada.email) =>
  request(null, "POST", "/recovery", { email, newEmail: s.newEmail }, at);

/** What the route does, without the time that it takes so as to tell nothing. */
const askQuietly = (s: Scene, at = s.start, newEmail = s.newEmail) =>
  askForRecovery(env, { email: s.ada.email, newEmail }, at);

async function overview(person: Person, at: number): Promise<{ mine: Summary | null; partners: Summary | null }> {
  return JSON.parse((await request(person, "GET", "/me/recovery", {}, at)).text) as {
    mine: Summary | null;
    partners: Summary | null;
  };
}

async function asked(s: Scene): Promise<string> {
  await askQuietly(s);
  const { partners } = await overview(s.grace, s.start);
  if (partners === null) throw new Error("the partner sees no recovery");
  return partners.id;
}

const approve = (s: Scene, id: string, at = s.start, person = s.grace) =>
  request(person, "POST", `/recovery/${id}/approval`, {}, at);

async function approved(s: Scene): Promise<string> {
  const id = await asked(s);
  expect((await approve(s, id)).status).toBe(200);
  return id;
}

async function statusOf(id: string): Promise<string> {
  const row = await env.DB.prepare("SELECT status FROM recoveries WHERE id = ?").bind(id).first<{ status: string }>();
  return row?.status ?? "none";
}

const run = (at: number) => runRecoveries(env, at, { limit: 100 });

async function linkOf(s: Scene): Promise<string> {
  return (await linkMailedTo(s.newEmail, "recovery_link")).searchParams.get("token") ?? "";
}

const finish = (token: string, at: number, newPassword = "a whole new password") =>
  request(null, "POST", "/recovery/finish", { token, newPassword }, at);

async function titles(s: Scene, person: Person): Promise<string[]> {
  const rows = await rowsOf<{ title: string }>(
    s.couple,
    "SELECT title FROM notifications WHERE user_id = ? AND action_url = '/settings/recovery' ORDER BY id",
    person.userId,
  );
  return rows.map((row) => row.title);
}

it("brings a person back at a new address, and tells the old one of every step", { timeout: 30_000 }, async () => {
  const s = await scene();
  await env.DB.prepare(
    "INSERT INTO accounts (id, user_id, provider_id, account_id, password, created_at, updated_at) VALUES (?1, ?1, 'credential', ?1, 'x:y', '', '')",
  )
    .bind(s.ada.userId)
    .run();
  const id = await approved(s);
  await tellRecoveries(env, s.start);
  await tellRecoveries(env, s.start);
  expect(await titles(s, s.grace)).toEqual(["You are asked for help with an account"]);
  expect(await run(s.start + WAIT_MS)).toBe(1);
  expect((await titles(s, s.ada)).at(-1)).toBe("A link to recover your account was sent");
  const token = await linkOf(s);
  expect((await finish(token, s.start + WAIT_MS)).status).toBe(200);
  expect(await statusOf(id)).toBe("finished");
  // Every session is over, and only the new address signs in.
  expect((await request(s.ada, "GET", "/me", {}, s.start)).status).toBe(401);
  const signIn = (email: string) =>
    request(null, "POST", "/auth/sign-in/email", { email, password: "a whole new password" }, s.start + WAIT_MS);
  expect((await signIn(s.ada.email)).status).toBe(401);
  expect((await signIn(s.newEmail)).status).toBe(200);
  const told = (await mailsTo(s.ada.email)).map((mail) => mail.kind).toSorted();
  expect(told).toEqual(["recovery_approved", "recovery_asked", "recovery_finished"]);
  expect((await mailsTo(s.newEmail)).map((mail) => mail.kind)).toEqual(["recovery_link"]);
  // The link has been used.
  expect((await finish(token, s.start + WAIT_MS, "somebody else's choice")).status).toBe(400);
});

it("answers alike for every address, and does nothing where it is not switched on", async () => {
  const [on, off] = [await scene(), await scene(false)];
  const alone = await signedInPerson();
  for (const each of [alone, on.grace]) await request(each, "PUT", "/me/recovery", { enabled: true }, on.start);
  const answers = [
    ask(on),
    ask(off),
    ask(off, off.start, alone.email),
    ask(off, off.start, "nobody-at-all@people.test"),
    // The new address is somebody's account.
    request(null, "POST", "/recovery", { email: on.grace.email, newEmail: alone.email }, on.start),
  ];
  expect(new Set((await Promise.all(answers)).map((answer) => `${answer.status} ${answer.text}`)).size).toBe(1);
  const { results } = await env.DB.prepare("SELECT user_id FROM recoveries WHERE user_id IN (?, ?, ?, ?)")
    .bind(on.ada.userId, on.grace.userId, off.ada.userId, alone.userId)
    .all<{ user_id: string }>();
  expect(results.map((row) => row.user_id)).toEqual([on.ada.userId]);
  expect(await mailsTo(off.ada.email)).toEqual([]);
  expect(await mailsTo(alone.email)).toEqual([]);
});

it("can be shortened by nobody", async () => {
  const s = await scene();
  const id = await approved(s);
  const { mine } = await overview(s.ada, s.start);
  expect(mine?.readyAt).toBe(s.start + WAIT_MS);
  // Again, later, and from the beginning: the running period stays as it is.
  expect((await approve(s, id, s.start + MINUTE_MS)).status).toBe(200);
  await askQuietly(s, s.start + 2 * MINUTE_MS);
  expect((await overview(s.ada, s.start)).mine).toEqual(mine);
  expect(await run(s.start + WAIT_MS - 1)).toBe(0);
  expect(await mailsTo(s.newEmail)).toEqual([]);
  // Not even a statement of ours could do it.
  const shorter = env.DB.prepare("UPDATE recoveries SET ready_at = approved_at + 1 WHERE id = ?").bind(id);
  await expect(async () => {
    await shorter.run();
  }).rejects.toThrow(/CHECK constraint/);
  await expect(async () => {
    await finishRecoveryStatement(env.DB, id, 0, s.start).run();
  }).rejects.toThrow(/CHECK constraint/);
  expect(await run(s.start + WAIT_MS)).toBe(1);
});

const STOPS: [string, (s: Scene, id: string, at: number) => Promise<unknown>][] = [
  ["any signed-in session", (s, id, at) => request(s.ada, "POST", `/recovery/${id}/stop`, {}, at)],
  [
    "the link of the notice",
    async (s, _, at) => {
      const token = (await linkMailedTo(s.ada.email, "recovery_asked")).searchParams.get("token");
      return request(null, "POST", "/recovery/stop", { token }, at);
    },
  ],
  [
    "switching it off",
    async (s, _, at) => {
      const fresh = { ...s.ada, ...(await openSession(s.ada.userId, at)) };
      return request(fresh, "PUT", "/me/recovery", { enabled: false }, at);
    },
  ],
  ["a parting", (s, _, at) => leave(s.couple, [s.grace.userId], at)],
];

/** Whether anything of what must have been stopped still works. */
async function isPossible(s: Scene, id: string, { token, at }: { token: string | null; at: number }): Promise<boolean> {
  if (token !== null) return (await finish(token, at + 1)).status === 200;
  const isShown = (await overview(s.grace, at)).partners !== null;
  const isApproved = (await approve(s, id, s.start + 2 * MINUTE_MS)).status < 400;
  const sent = await run(s.start + WAIT_MS + DAY_MS);
  return isShown || isApproved || sent > 0 || (await mailsTo(s.newEmail)).length > 0;
}

it.each(STOPS)("is stopped by %s, at every moment", async (_, stop) => {
  for (const moment of ["asked", "approved", "link mailed"] as const) {
    const s = await scene();
    const id = moment === "asked" ? await asked(s) : await approved(s);
    if (moment === "link mailed") await run(s.start + WAIT_MS);
    const token = moment === "link mailed" ? await linkOf(s) : null;
    const at = s.start + (moment === "link mailed" ? WAIT_MS : MINUTE_MS);
    await stop(s, id, at);
    expect([moment, await isPossible(s, id, { token, at })]).toEqual([moment, false]);
    expect(await statusOf(id)).not.toBe("finished");
    const row = await env.DB.prepare("SELECT email FROM users WHERE id = ?").bind(s.ada.userId).first();
    expect(row).toEqual({ email: s.ada.email });
  }
});

it("is approved by the partner alone, freshly signed in, and by no stranger nor the person", async () => {
  const [s, other] = [await scene(), await scene()];
  const id = await asked(s);
  expect((await approve(s, id, s.start, other.grace)).status).toBe(404);
  expect((await approve(s, id, s.start, s.ada)).status).toBe(404);
  const stale = await approve(s, id, s.start + 20 * MINUTE_MS);
  expect([stale.status, (JSON.parse(stale.text) as { error: { code: string } }).error.code]).toEqual([
    403,
    "fresh_sign_in_required",
  ]);
  expect((await request(other.ada, "POST", `/recovery/${id}/stop`, {}, s.start)).status).toBe(404);
  expect(await statusOf(id)).toBe("waiting_for_partner");
  expect((await approve(s, id)).status).toBe(200);
});

it("gives way to a newer request while nobody has agreed, and ends by itself", async () => {
  const s = await scene();
  const first = await asked(s);
  await askQuietly(s, s.start + 1, `other-${s.newEmail}`);
  expect(await statusOf(first)).toBe("cancelled");
  const second = (await overview(s.grace, s.start)).partners?.id ?? "";
  expect(second).not.toBe(first);
  await run(s.start + 8 * DAY_MS);
  expect(await statusOf(second)).toBe("expired");
  const { results } = await env.DB.prepare("SELECT new_email FROM recoveries WHERE user_id = ?")
    .bind(s.ada.userId)
    .all();
  expect(results).toEqual([{ new_email: "" }, { new_email: "" }]);
});

it("lets one of many racers win: approvals and stops at once", async () => {
  const s = await scene();
  const id = await asked(s);
  await Promise.all([
    approve(s, id),
    request(s.ada, "POST", `/recovery/${id}/stop`, {}, s.start),
    approve(s, id),
    request(s.ada, "POST", `/recovery/${id}/stop`, {}, s.start),
  ]);
  await request(s.ada, "POST", `/recovery/${id}/stop`, {}, s.start);
  expect(await statusOf(id)).toBe("cancelled");
  expect(await run(s.start + WAIT_MS)).toBe(0);
});

it("lets one of two uses of the link choose the password", { timeout: 30_000 }, async () => {
  const s = await scene();
  await approved(s);
  await run(s.start + WAIT_MS);
  const token = await linkOf(s);
  const answers = await Promise.all([finish(token, s.start + WAIT_MS), finish(token, s.start + WAIT_MS)]);
  expect(answers.map((answer) => answer.status).toSorted((a, b) => a - b)).toEqual([200, 400]);
});

it("takes no link that was not mailed, is for something else, or is a day old", async () => {
  const s = await scene();
  const id = await approved(s);
  const stopToken = (await linkMailedTo(s.ada.email, "recovery_asked")).searchParams.get("token") ?? "";
  await run(s.start + WAIT_MS);
  const token = await linkOf(s);
  for (const wrong of [stopToken, `${id}.AAAA`, `${token}A`, id]) {
    expect((await finish(wrong, s.start + WAIT_MS)).status).toBe(400);
  }
  expect((await request(null, "POST", "/recovery/stop", { token }, s.start)).status).toBe(400);
  expect((await finish(token, s.start + WAIT_MS + DAY_MS)).status).toBe(400);
  expect(await statusOf(id)).toBe("link_mailed");
});
