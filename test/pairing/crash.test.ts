import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { deliverObjectOutbox } from "../../src/pairing/outbox.ts";
import { settle } from "../support/absorbing.ts";
import { mailsTo } from "../support/mailbox.ts";
import type { Person } from "../support/people.ts";
import { signedInPerson } from "../support/people.ts";
import type { Moment } from "./faults.ts";
import { withBatchFault, withObjectFault } from "./faults.ts";
import { checkIn, profileInObject } from "./object-view.ts";
import { acceptLink, call, invite, liveOf, MINUTE_MS, open, outboxOf, START } from "./pairing-app.ts";

const NEXT_SWEEP = START + 10 * MINUTE_MS;

interface Scene {
  ada: Person;
  grace: Person;
  token: string;
  /** Grace's own relationship, which ends when she joins. */
  soloId: string;
  coupleId: string;
}

async function scene(): Promise<Scene> {
  const ada = await signedInPerson({ name: "Ada" });
  const grace = await signedInPerson({ name: "Grace" });
  const { token } = await invite(ada);
  const soloId = (await open(grace)).id;
  return { ada, grace, token, soloId, coupleId: (await open(ada)).id };
}

/** One of the two worlds in which an acceptance may end, in D1 and in both objects, after the sweep. */
async function requireWhole({ ada, grace, soloId, coupleId }: Scene, paired: boolean): Promise<void> {
  await deliverObjectOutbox(env, NEXT_SWEEP, { limit: 1_000 });
  expect(await outboxOf(soloId)).toEqual([]);
  expect(await outboxOf(coupleId)).toEqual([]);
  expect((await liveOf(grace))?.id).toBe(paired ? coupleId : soloId);
  expect((await liveOf(ada))?.status).toBe(paired ? "active" : "solo");
  expect(await profileInObject(coupleId, ada.userId)).toEqual(
    paired ? { status: "active", names: ["Ada", "Grace"] } : { status: "solo", names: ["Ada"] },
  );
  const done = (await mailsTo(ada.email)).filter((mail) => mail.kind === "pairing_done");
  expect(done).toHaveLength(paired ? 1 : 0);
  // An ended object takes nothing, a live one does.
  expect(await checkIn(soloId, grace.userId)).toBe(!paired);
}

/** Every step of an acceptance that can be cut off: how, whether the couple exists then, and what the caller hears. */
const CUTS: [string, (scene: Scene) => Env, { paired: boolean; answered: boolean }][] = [
  ["before the batch", () => withBatchFault(1, "before"), { paired: false, answered: false }],
  // The answer is lost, but D1 says on asking what became of the batch.
  ["after the batch", () => withBatchFault(1, "after"), { paired: true, answered: true }],
  [
    "before the ended object hears",
    ({ soloId }) => withObjectFault("applyMembership", "before", { relationshipId: soloId }),
    { paired: true, answered: true },
  ],
  [
    "after the ended object heard",
    ({ soloId }) => withObjectFault("applyMembership", "after", { relationshipId: soloId }),
    { paired: true, answered: true },
  ],
  [
    "before the couple's object hears",
    ({ coupleId }) => withObjectFault("applyMembership", "before", { relationshipId: coupleId }),
    { paired: true, answered: true },
  ],
  [
    "after the couple's object heard",
    ({ coupleId }) => withObjectFault("applyMembership", "after", { relationshipId: coupleId }),
    { paired: true, answered: true },
  ],
  // The second and third batches note the deliveries to the two objects.
  ["before the first delivery is noted", () => withBatchFault(2, "before"), { paired: true, answered: true }],
  ["after the first delivery is noted", () => withBatchFault(2, "after"), { paired: true, answered: true }],
  ["before the second delivery is noted", () => withBatchFault(3, "before"), { paired: true, answered: true }],
  ["after the second delivery is noted", () => withBatchFault(3, "after"), { paired: true, answered: true }],
];

it.each(CUTS)("leaves one whole world, which the sweep finishes, when cut off %s", async (_, cut, expected) => {
  const now = await scene();
  const answer = await acceptLink(now.grace, now.token, { env: cut(now) });
  expect(answer.status).toSatisfy((status: number) => (expected.answered ? status === 200 : status >= 500));
  await requireWhole(now, expected.paired);
});

it.each(CUTS)("completes the acceptance on a second try when the first was cut off %s", async (_, cut) => {
  const now = await scene();
  await acceptLink(now.grace, now.token, { env: cut(now) });
  const again = await acceptLink(now.grace, now.token, { at: START + MINUTE_MS });
  expect(again.status).toBe(200);
  await requireWhole(now, true);
});

/** Ada's first use, cut off there, and what the sweep makes of it. */
async function cutFirstUse(moment: Moment): Promise<{ status: number; ada: Person; soloId: string | undefined }> {
  const ada = await signedInPerson({ name: "Ada" });
  const { status } = await call(ada, "/relationships", {}, { env: withBatchFault(1, moment) });
  await deliverObjectOutbox(env, NEXT_SWEEP, { limit: 1_000 });
  return { status, ada, soloId: (await liveOf(ada))?.id };
}

it("leaves nothing when the creation of a relationship is cut off before its batch", async () => {
  const { status, ada, soloId } = await cutFirstUse("before");
  expect(status).toBeGreaterThanOrEqual(500);
  expect(soloId).toBeUndefined();
  expect((await open(ada, { at: NEXT_SWEEP })).status).toBe("solo");
});

it("finishes the creation of a relationship that was cut off after its batch", async () => {
  const { status, ada, soloId } = await cutFirstUse("after");
  expect(status).toBeGreaterThanOrEqual(500);
  expect(await profileInObject(soloId ?? "", ada.userId)).toEqual({ status: "solo", names: ["Ada"] });
  expect((await open(ada, { at: NEXT_SWEEP })).id).toBe(soloId);
});

it("tells the sweep's truth, not the truth of the moment when a row was queued", async () => {
  const now = await scene();
  const away = withObjectFault("applyMembership", "before");
  await acceptLink(now.grace, now.token, { env: away });
  await env.DB.prepare("UPDATE users SET name = 'Grace H.' WHERE id = ?").bind(now.grace.userId).run();
  await deliverObjectOutbox(env, NEXT_SWEEP, { limit: 1_000 });
  expect(await profileInObject(now.coupleId, now.ada.userId)).toEqual({ status: "active", names: ["Ada", "Grace H."] });
});

it("has both objects told by the same acceptance again, long before the sweep would", async () => {
  const now = await scene();
  await acceptLink(now.grace, now.token, { env: withObjectFault("applyMembership", "before") });
  expect(await profileInObject(now.coupleId, now.grace.userId)).toBeNull();
  expect((await acceptLink(now.grace, now.token, { at: START + 1 })).status).toBe(200);
  expect(await outboxOf(now.soloId)).toEqual([]);
  expect(await profileInObject(now.coupleId, now.grace.userId)).toMatchObject({ status: "active" });
  expect(await checkIn(now.soloId, now.grace.userId)).toBe(false);
});

it("tells both objects within the request although the first two tries fail", async () => {
  const now = await scene();
  const shaky = withObjectFault("applyMembership", "before", { times: 4 });
  expect((await acceptLink(now.grace, now.token, { env: shaky })).status).toBe(200);
  expect(shaky.calls()).toBe(6);
  expect(await outboxOf(now.soloId)).toEqual([]);
  expect(await outboxOf(now.coupleId)).toEqual([]);
  expect(await checkIn(now.soloId, now.grace.userId)).toBe(false);
});

it("closes an ended object that nobody could tell, by reading its first page", async () => {
  const now = await scene();
  const away = withObjectFault("applyMembership", "before", { relationshipId: now.soloId });
  await acceptLink(now.grace, now.token, { env: away });
  await settle(now.coupleId);
  expect(await checkIn(now.soloId, now.grace.userId)).toBe(false);
  await requireWhole(now, true);
});

it("has the sweep's first retry due within half a minute when no try of the request gets through", async () => {
  const now = await scene();
  const away = withObjectFault("applyMembership", "before");
  await acceptLink(now.grace, now.token, { env: away });
  const [row] = await outboxOf(now.soloId);
  expect(Number(row?.["due_at"])).toBeLessThanOrEqual(START + 30_000);
  await requireWhole(now, true);
});

it("moves somebody whose own object could never be made, and makes none for them afterwards", async () => {
  const ada = await signedInPerson({ name: "Ada" });
  const grace = await signedInPerson({ name: "Grace" });
  const { token } = await invite(ada);
  const coupleId = (await open(ada)).id;
  const away = withObjectFault("applyMembership", "before");
  const soloId = (await open(grace, { env: away })).id;
  expect((await acceptLink(grace, token, { env: away })).status).toBe(200);
  await requireWhole({ ada, grace, token, soloId, coupleId }, true);
  expect(await profileInObject(soloId, grace.userId)).toBeNull();
});

it("does not knock again when an object is overloaded, and tells it later", async () => {
  const now = await scene();
  const overloaded = withObjectFault("applyMembership", "before", {
    relationshipId: now.coupleId,
    flags: { overloaded: true },
  });
  expect((await acceptLink(now.grace, now.token, { env: overloaded })).status).toBe(200);
  // Once for each of the three urgent tries, and no more within them.
  expect(overloaded.calls()).toBe(3);
  await requireWhole(now, true);
});

it("takes a new stub when the object was reset under the call", async () => {
  const now = await scene();
  const reset = withObjectFault("applyMembership", "before", {
    relationshipId: now.coupleId,
    times: 1,
    flags: { durableObjectReset: true },
  });
  expect((await acceptLink(now.grace, now.token, { env: reset })).status).toBe(200);
  expect(reset.calls()).toBe(2);
  expect(await outboxOf(now.coupleId)).toEqual([]);
  await requireWhole(now, true);
});
