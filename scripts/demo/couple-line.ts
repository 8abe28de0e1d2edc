import assert from "node:assert/strict";
import { uuidv7 } from "../../src/protocol/uuid.ts";
import { readLocalD1 } from "../local-d1.ts";
import { NOSY, refusal, type Day } from "./couple-cast.ts";
import { Person } from "./person.ts";
import { requireNothingToMend } from "./recount.ts";
import { eventually } from "./stage.ts";

/** The object flushes within five seconds in development; the rest is patience with a busy machine. */
const FLUSHED_WITHIN_MS = 30_000;
const SIGN_OUT_REACHES_WITHIN_MS = 1_000;

/** A line that breaks loses nothing: neither what happened meanwhile nor what was written on the way. */
export async function loseLine({ stage, mira, theo, cable, tally }: Day): Promise<void> {
  const seenBefore = theo.events.length;
  await stage.step("Theo's line breaks in the middle of things", async () => {
    cable.cut();
    await theo.hasLine("waiting");
  });
  // Given into the dead line; whatever becomes of it is looked at when the line is back.
  const written = Promise.allSettled([
    theo.connection.command("checkins.submit", { date: theo.today, highlight: "Written in a tunnel" }),
  ]);
  await stage.step("Mira goes on: a talk, a goal, a birthday", async () => {
    await mira.connection.command("conversations.log", { type: "deep_talk", topic: "What we want to be" });
    await mira.connection.command("goals.create", { name: "Ten walks", type: "custom", targetCount: 10 });
    await mira.connection.command("dates.add", { name: "Theo's birthday", type: "birthday", date: "1994-04-12" });
    for (const event of ["conversation.logged", "goal.created", "achievement.earned", "date.added"]) {
      tally.add(mira, event);
    }
    assert.deepEqual([theo.events.length, theo.connection.unacknowledged.length], [seenBefore, 1]);
  });
  await stage.step("Theo resumes by himself: everything missed, in order, without a gap", async () => {
    cable.mend();
    await theo.hasLine("live");
    await eventually("Theo has read as far as Mira", () =>
      theo.connection.cursors?.couple === mira.connection.cursors?.couple ? true : null,
    );
    const missed = theo.events.slice(seenBefore).filter(({ stream }) => stream === "couple");
    assert.deepEqual(
      missed.slice(0, 4).map(({ name }) => name),
      ["conversation.logged", "goal.created", "achievement.earned", "date.added"],
    );
    theo.requireGapFree();
    mira.requireGapFree();
    // The log sufficed, and no session was asked for.
    assert.deepEqual([theo.snapshots, theo.openedWith[0], theo.openedWith.at(-1)], [1, "ticket", "resume"]);
  });
  await stage.step("What he wrote offline has arrived, once", async () => {
    const [outcome] = await written;
    assert.equal(outcome.status, "fulfilled");
    tally.add(theo, "checkin.submitted");
    const { partner } = await mira.connection.query("checkins.get", { date: theo.today });
    assert.deepEqual([partner?.highlight, partner?.connection], ["Written in a tunnel", 6]);
  });
}

/** A command is known by its id, on whichever way it comes. */
export async function repeat({ stage, mira, theo, tally, relationshipId }: Day): Promise<void> {
  const id = uuidv7(Date.now());
  const plan = { name: "Breakfast in bed", type: "quality_time" } as const;
  await stage.step("One command sent twice, by socket and by REST, is applied once", async () => {
    const first = await mira.connection.command("activities.plan", plan, { id });
    tally.add(mira, "activity.planned");
    const cursor = mira.connection.cursors?.couple;
    const again = await mira.client.command(relationshipId, "activities.plan", plan, { id });
    assert.deepEqual(again, first);
    const { items } = await theo.connection.query("activities.list", { status: "planned" });
    assert.deepEqual([items.map(({ name }) => name), mira.connection.cursors?.couple], [[plan.name], cursor]);
  });
  await stage.step("The same id with another input is refused", async () => {
    const other = mira.connection.command("activities.plan", { ...plan, name: "Lunch in bed" }, { id });
    assert.equal(await refusal(other), "idempotency_conflict");
  });
}

/** Another couple's data does not exist for anybody else. */
export async function keepOut({ stage, relationshipId }: Day): Promise<void> {
  await stage.step("A stranger finds nothing at their address", async () => {
    const nosy = new Person(stage.origin, NOSY);
    await nosy.signUp();
    await nosy.confirmAddress(stage.origin);
    await nosy.signIn();
    assert.equal(await refusal(nosy.client.query(relationshipId, "insights.dashboard")), "not_found");
    const command = nosy.client.command(relationshipId, "goals.create", { name: "Mine", type: "custom" });
    assert.equal(await refusal(command), "not_found");
  });
}

/** What the object counted arrives in D1 by its alarm. */
export async function flush({ stage, tally, relationshipId }: Day): Promise<void> {
  await stage.step(`The alarm flushes: D1 counts exactly the ${tally.total} things that were done`, async () => {
    let difference: unknown;
    const isSame = (): true | null => {
      try {
        tally.requireIn(stage.persistTo, relationshipId);
        return true;
      } catch (error) {
        difference = error;
        return null;
      }
    };
    await eventually("D1 equals the object", isSame, FLUSHED_WITHIN_MS).catch((error: unknown) => {
      throw difference ?? error;
    });
  });
  await stage.step("D1 has the day's snapshot, and knows when the object wakes next", async () => {
    const row = readLocalD1(stage.persistTo, (database) =>
      database
        .prepare(
          `SELECT max(a.communication_frequency_score) AS checkins, count(*) AS days, r.next_due_at > r.last_flush_at AS isPlanned
           FROM relationships r JOIN relationship_analytics a ON a.relationship_id = r.id WHERE r.id = ?`,
        )
        .get(relationshipId),
    );
    assert.deepEqual([Number(row?.["days"]) >= 1, Number(row?.["checkins"]) >= 2, row?.["isPlanned"]], [true, true, 1]);
  });
}

/** What rules wrote is what the rows say. */
export async function recount({ stage, relationshipId }: Day): Promise<void> {
  await stage.step("Streaks, progress, badges, points and counters equal a count of the rows", async () => {
    await requireNothingToMend(stage, relationshipId);
  });
}

/** The end of a session reaches its sockets. */
export async function leave({ stage, mira, theo }: Day): Promise<void> {
  await stage.step("Theo signs out, and his line ends within a second", async () => {
    await theo.client.signOut();
    await eventually("Theo's line ends", () => theo.ended, SIGN_OUT_REACHES_WITHIN_MS);
    assert.equal(theo.ended, "session_ended");
    assert.equal(mira.ended, null);
  });
}
