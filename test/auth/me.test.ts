import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { call } from "../support/accounts-app.ts";
import { newId } from "../../src/protocol/ids.ts";
import type { Person } from "../support/people.ts";
import { signedInPerson } from "../support/people.ts";

function change(person: Person, body: unknown) {
  return call("/api/me", { method: "PATCH", body, headers: person.headers });
}

it("shows a person to themselves", async () => {
  const person = await signedInPerson({ name: "Robin", timezone: "Asia/Tokyo" });
  const answer = await call("/api/me", { headers: person.headers });
  expect(await answer.json()).toMatchObject({
    user: {
      id: person.userId,
      email: person.email,
      emailVerified: true,
      name: "Robin",
      timezone: "Asia/Tokyo",
      role: "user",
    },
  });
});

it("changes what is named, empties what is null, leaves the rest", async () => {
  const person = await signedInPerson({ name: "Robin" });
  const first = await change(person, {
    nickname: "Rob",
    phoneNumber: "+351912345678",
    timezone: "Europe/Lisbon",
    loveLanguagePrimary: "quality_time",
  });
  expect(await first.json()).toMatchObject({
    user: { name: "Robin", nickname: "Rob", phoneNumber: "+351912345678", profileVersion: 2 },
  });
  const second = await change(person, { name: " Robin B. ", nickname: null });
  expect(await second.json()).toMatchObject({
    user: {
      name: "Robin B.",
      nickname: null,
      phoneNumber: "+351912345678",
      timezone: "Europe/Lisbon",
      loveLanguagePrimary: "quality_time",
      loveLanguageSecondary: null,
      profileVersion: 3,
    },
  });
});

it.each([
  ["name", { name: "  " }],
  ["name", { name: null }],
  ["nickname", { nickname: "n".repeat(51) }],
  ["phoneNumber", { phoneNumber: "call me" }],
  ["timezone", { timezone: "Nowhere/Land" }],
  ["timezone", { timezone: null }],
  ["loveLanguagePrimary", { loveLanguagePrimary: "telepathy" }],
  ["email", { email: "new@people.test" }],
  ["role", { role: "admin" }],
  ["emailVerified", { emailVerified: true }],
  ["", {}],
  ["", []],
])("refuses a wrong or foreign %s and changes nothing (%#)", async (path, body) => {
  const person = await signedInPerson();
  const answer = await change(person, body);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ error: { code: "invalid_input", details: { issues: [{ path }] } } });
  const row = await env.DB.prepare("SELECT role, profile_version FROM users WHERE id = ?").bind(person.userId).first();
  expect(row).toEqual({ role: "user", profile_version: 1 });
});

it("gives the relationship a new version with the change, so that its object hears of it", async () => {
  const person = await signedInPerson();
  const id = newId("relationship", Date.now());
  await env.DB.batch([
    env.DB.prepare(
      "INSERT INTO relationships (id, created_by_user_id, user_1_id, created_at, updated_at) VALUES (?1, ?2, ?2, 1, 1)",
    ).bind(id, person.userId),
    env.DB.prepare(
      "INSERT INTO relationship_members (relationship_id, user_id, slot, joined_at) VALUES (?, ?, 1, 1)",
    ).bind(id, person.userId),
    env.DB.prepare("CREATE TABLE told (kind TEXT) STRICT"),
    env.DB.prepare(
      "CREATE TRIGGER told_inserted AFTER INSERT ON object_outbox BEGIN INSERT INTO told VALUES (new.kind); END",
    ),
  ]);
  await change(person, { timezone: "Pacific/Auckland" });
  expect(
    await env.DB.prepare("SELECT membership_version AS v FROM relationships WHERE id = ?").bind(id).first("v"),
  ).toBe(2);
  expect((await env.DB.prepare("SELECT kind FROM told").all()).results).toEqual([{ kind: "membership" }]);
});

it("asks for a session", async () => {
  for (const path of ["/api/me", "/api/me/sessions"]) expect((await call(path)).status).toBe(401);
  expect((await call("/api/me", { method: "PATCH", body: { name: "X" } })).status).toBe(401);
});
