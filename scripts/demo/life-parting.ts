import assert from "node:assert/strict";
import { readLocalD1 } from "../local-d1.ts";
import { refusal } from "./couple-cast.ts";
import { liveDays, NORA, SAM, SECRETS, statusOf, streakOf, type Life } from "./life-cast.ts";
import { requireNothingToMend } from "./recount.ts";
import type { Person } from "./person.ts";
import { eventually } from "./stage.ts";

const GONE_WITHIN_MS = 1_000;
const FREEZE_DAYS = 30;

export async function standStill(life: Life): Promise<void> {
  const { stage, clock, nora, sam, relationshipId } = life;
  await stage.step("They pause for ten days: nothing breaks, nothing reminds, deadlines move along", async () => {
    const before = await streakOf(nora, relationshipId);
    const targetDate = new Date(Date.parse(nora.today) + 20 * 86_400_000).toISOString().slice(0, 10);
    const { id } = await nora.client.command(relationshipId, "goals.create", {
      name: "Learn to dance",
      type: "monthly",
      targetDate,
    });
    await sam.client.command(relationshipId, "membership.pause");
    await clock.forward(10, [relationshipId]);
    await nora.client.command(relationshipId, "membership.resume");
    await liveDays(life, 2);
    const goal = await nora.client.query(relationshipId, "goals.get", { id });
    assert(goal.targetDate !== null && goal.targetDate > targetDate, "the deadline moved");
    const after = await streakOf(nora, relationshipId);
    assert(after >= before + 1, `the streak was ${before} and is ${after}`);
  });
}

export async function breakUp({ stage, nora, sam, relationshipId }: Life): Promise<void> {
  await Promise.all([nora.connect(relationshipId), sam.connect(relationshipId)]);
  await stage.step("Nora leaves: her password, one call, nobody is asked, both lines end within a second", async () => {
    assert.equal(await refusal(nora.client.command(relationshipId, "membership.leave")), "fresh_sign_in_required");
    await nora.client.confirmIdentity(NORA.password);
    const left = await nora.client.command(relationshipId, "membership.leave");
    await eventually("both lines end", () => nora.ended ?? null, GONE_WITHIN_MS);
    await eventually("both lines end", () => sam.ended ?? null, GONE_WITHIN_MS);
    assert.deepEqual([nora.ended, sam.ended], ["membership_ended", "membership_ended"]);
    assert(left.help.length > 0, "whoever leaves is shown where help is");
  });
  await stage.step("What they wrote is still there to read, and nothing can be added", async () => {
    assert.equal(await statusOf(sam, relationshipId), "frozen");
    const write = sam.client.command(relationshipId, "checkins.submit", { date: sam.today, mood: 3 });
    assert.equal(await refusal(write), "relationship_not_writable");
  });
  await stage.step("Sam takes home all that is his as a page, and none of Nora's secrets", async () => {
    await sam.client.confirmIdentity(SAM.password);
    const page = await (await sam.request(`/api/relationships/${relationshipId}/export?format=html`)).text();
    assert(page.includes(SECRETS.sam.replace("'", "&#39;")) || page.includes(SECRETS.sam), "his own words are there");
    assert(!page.includes("lighthouse"), "hers are not");
  });
}

export async function comeBack(life: Life): Promise<void> {
  const { stage, clock, nora, sam, relationshipId } = life;
  await stage.step("Nine days later both want it back: one is not enough, two are", async () => {
    await clock.forward(9);
    assert.equal((await sam.client.voteForReunion(relationshipId)).status, "waiting");
    assert.equal(await statusOf(nora, relationshipId), "frozen");
    await nora.client.voteForReunion(relationshipId);
    await eventually("it lives again", async () => ((await statusOf(sam, relationshipId)) === "active" ? true : null));
    await liveDays(life, 3);
    await requireNothingToMend(stage, relationshipId);
  });
}

export async function partForGood(life: Life): Promise<void> {
  const { stage, clock, nora, sam, relationshipId } = life;
  await stage.step("They part again, and thirty days pass", async () => {
    await sam.client.confirmIdentity(SAM.password);
    await sam.client.command(relationshipId, "membership.leave");
    for (const days of [FREEZE_DAYS - 5, 6]) await passDays(life, days);
  });
  await stage.step("Each has their own part in a space of their own, the other is a former member there", async () => {
    for (const person of [nora, sam]) {
      const own = await ownSpace(person, relationshipId);
      const { items } = await person.client.query(own, "goals.list", { status: "completed" });
      assert.deepEqual(
        items.map(({ createdBy }) => createdBy),
        [person === nora ? nora.userId : "former_member"],
      );
    }
  });
  await stage.step("The space they shared is gone, and D1 keeps nothing of it but that it was", async () => {
    await eventually("the old object answers nobody", async () =>
      (await refusal(nora.client.query(relationshipId, "membership.get"))) === "not_found" ? true : null,
    );
    await eventually("the directory row is scrubbed", () => {
      const row = readLocalD1(stage.persistTo, (database) =>
        database
          .prepare(
            `SELECT status, start_date AS startDate,
               (SELECT count(*) FROM relationship_analytics WHERE relationship_id = r.id) AS snapshots
             FROM relationships r WHERE id = ?`,
          )
          .get(relationshipId),
      );
      return row?.["status"] === "ended" && row["startDate"] === null && row["snapshots"] === 0 ? true : null;
    });
  });
  await clock.forward(0);
}

/** Everything derived follows from the tables, after all that has happened, in the space where Nora is alone now. */
export async function recount({ stage, nora }: Life): Promise<void> {
  await stage.step(
    "Nothing that was counted in all this time differs from a count of the rows themselves",
    async () => {
      const { id } = await nora.client.openRelationship();
      await requireNothingToMend(stage, id);
    },
  );
}

export async function erase({ stage, sam, nora }: Life): Promise<void> {
  await stage.step("Sam erases his account: signed out at once, and no table knows him any more", async () => {
    await sam.client.confirmIdentity(SAM.password);
    const answer = await sam.request("/api/me", "DELETE", { confirm: "erase" });
    assert(answer.ok, await answer.text());
    assert.equal(await refusal(sam.client.me()), "unauthenticated");
    assert.equal(await refusal(sam.signIn()), "unauthenticated");
    await eventually("his address is in no table", () => {
      const found = readLocalD1(stage.persistTo, (database) =>
        database.prepare("SELECT count(*) AS n FROM users WHERE email = ?").get(SAM.email),
      );
      return found?.["n"] === 0 ? true : null;
    });
    assert.equal((await nora.client.me()).email, NORA.email);
  });
}

/** Sessions outlive thirty days only in use, so that both come by now and then. */
async function passDays({ clock, nora, sam, relationshipId }: Life, days: number): Promise<void> {
  await clock.forward(days, [relationshipId]);
  for (const person of [nora, sam]) await person.client.me();
}

/** The space in which `person` is alone now, once their part of the old one has arrived. */
async function ownSpace(person: Person, oldId: string): Promise<string> {
  return eventually(
    `${person.account.name}'s part arrives`,
    async () => {
      const relationship = await person.client.openRelationship();
      if (relationship.id === oldId) return null;
      const { items } = await person.client.query(relationship.id, "checkins.list", { limit: 100 });
      return items.length > 30 ? relationship.id : null;
    },
    20_000,
  );
}
