import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { signedInPerson } from "../support/people.ts";
import { call, invite, liveOf, open, outboxOf, START } from "./pairing-app.ts";
import { withObjectFault } from "./faults.ts";
import { profileInObject } from "./object-view.ts";

it("gives a person alone a relationship with an object on first use", async () => {
  const ada = await signedInPerson({ name: "Ada", timezone: "Europe/Lisbon" });
  const first = await call(ada, "/relationships", {});
  expect(first.status).toBe(201);
  const relationship = await liveOf(ada);
  expect(relationship).toMatchObject({
    status: "solo",
    version: 1,
    homeTimezone: "Europe/Lisbon",
    members: [{ userId: ada.userId, slot: 1, name: "Ada", isMe: true }],
  });
  expect(await profileInObject(relationship?.id ?? "", ada.userId)).toEqual({ status: "solo", names: ["Ada"] });
  expect(await outboxOf(relationship?.id ?? "")).toEqual([]);
});

it("gives the same relationship to every further request", async () => {
  const ada = await signedInPerson();
  const { id } = await open(ada);
  const again = await call<{ relationship: { id: string } }>(ada, "/relationships", {});
  expect(again.status).toBe(200);
  expect(again.data.relationship.id).toBe(id);
});

it("creates one relationship when twenty devices ask at once", async () => {
  const ada = await signedInPerson();
  const opened = await Promise.all(Array.from({ length: 20 }, () => open(ada)));
  expect(new Set(opened.map(({ id }) => id)).size).toBe(1);
  const count = await env.DB.prepare("SELECT count(*) AS n FROM relationships WHERE created_by_user_id = ?")
    .bind(ada.userId)
    .first("n");
  expect(count).toBe(1);
});

it("tells the object at the next request when it could not be reached at first", async () => {
  const ada = await signedInPerson();
  const { id } = await open(ada, { env: withObjectFault("applyMembership", "before") });
  expect(await profileInObject(id, ada.userId)).toBeNull();
  expect(await outboxOf(id)).toHaveLength(1);
  // Long before the time to which the failed delivery was put off.
  await open(ada, { at: START + 1 });
  expect(await profileInObject(id, ada.userId)).toMatchObject({ status: "solo" });
  expect(await outboxOf(id)).toEqual([]);
});

it("answers with no relationship and no invitations before the first use", async () => {
  const ada = await signedInPerson();
  const { status, data } = await call(ada, "/relationships");
  expect(status).toBe(200);
  expect(data).toEqual({ relationship: null, parted: [], invitations: [] });
});

it("shows an invitation to the confirmed owner of the address and to nobody else", async () => {
  const ada = await signedInPerson({ name: "Ada" });
  const grace = await signedInPerson();
  const impostor = await signedInPerson({ emailVerified: false });
  await invite(ada, { inviteeEmail: grace.email.toUpperCase(), message: "for us" });
  const mine = await call<{ invitations: unknown[] }>(grace, "/relationships");
  expect(mine.data.invitations).toMatchObject([{ inviterName: "Ada", message: "for us", state: "pending" }]);
  const theirs = await signedInPerson();
  expect((await call<{ invitations: unknown[] }>(theirs, "/relationships")).data.invitations).toEqual([]);
  await invite(ada, { inviteeEmail: impostor.email });
  expect((await call(impostor, "/relationships")).status).toBe(401);
});

it("refuses unknown fields, and whoever is not signed in", async () => {
  const ada = await signedInPerson();
  const extra = await call(ada, "/relationships", { userId: "somebody" });
  expect(extra.status).toBe(400);
  expect(extra.error.details?.issues).toEqual([{ path: "userId", message: "Unknown field" }]);
  expect((await call(null, "/relationships", {})).status).toBe(401);
  expect((await call(null, "/relationships")).status).toBe(401);
});
