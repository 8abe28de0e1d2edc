import assert from "node:assert/strict";
import ICAL from "ical.js";
import { replayWhy } from "../../src/domain/insights/replay.ts";
import { ClientError } from "../../src/client/errors.ts";
import { bothCheckIn, liveDays, streakOf, type Life } from "./life-cast.ts";
import { eventually } from "./stage.ts";

/** The smallest picture there is: one transparent pixel. */
const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=";

export async function firstMonth(life: Life): Promise<void> {
  const { stage, clock, nora, sam, relationshipId } = life;
  await stage.step("The question of the day stays sealed until both have answered", async () => {
    const { question } = await nora.client.query(relationshipId, "questions.today");
    assert(question !== null);
    await nora.client.command(relationshipId, "questions.answer", { text: "The smell of rain" });
    const sealed = await sam.client.query(relationshipId, "questions.today");
    assert.deepEqual([sealed.question?.id, sealed.partner], [question.id, { hasAnswered: true, text: null }]);
    await sam.client.command(relationshipId, "questions.answer", { text: "Your cold hands" });
    const opened = await sam.client.query(relationshipId, "questions.today");
    assert.equal(opened.partner?.text, "The smell of rain");
  });
  const participation = await stage.step(
    "They take a challenge of seven days and live thirty days together",
    async () => {
      const { id } = await nora.client.command(relationshipId, "challenges.start", {
        challengeId: "daily_gratitude_7",
      });
      for (let day = 0; day < 7; day++) {
        for (const person of [nora, sam]) {
          const entry = { participationId: id, date: person.today, completed: true };
          await person.client.command(relationshipId, "challenges.log_entry", entry);
        }
        await liveDays(life, 1);
      }
      await liveDays(life, 23);
      return id;
    },
  );
  await stage.step("Thirty days: the streak, the challenge and the hundredth day were told, each once", async () => {
    assert.equal(await streakOf(nora, relationshipId), 30);
    const { participation: done } = await sam.client.query(relationshipId, "challenges.get", {
      participationId: participation,
    });
    assert.equal(done.status, "completed");
    await eventually("the hundredth day is behind them", async () => {
      const { past } = await nora.client.query(relationshipId, "dates.milestones");
      return past.some(({ days }) => days === 100) ? true : null;
    });
  });
  await clock.forwardToHour(0);
}

export async function askWhy({ stage, nora, relationshipId }: Life): Promise<void> {
  await stage.step("Every number says why: a replay of its rows alone gives the same", async () => {
    for (const input of [
      { subject: "streak", of: "ours" },
      { subject: "health" },
      { subject: "engagement" },
      { subject: "achievement", id: "month_streak" },
      { subject: "points" },
    ] as const) {
      const why = await nora.client.query(relationshipId, "insights.why", input);
      assert.equal(replayWhy(why), why.value, input.subject);
    }
    const health = await nora.client.query(relationshipId, "insights.health", {});
    assert(health.score !== null && health.score > 50, "a month of good days shows");
  });
}

export async function forget(life: Life): Promise<void> {
  const { stage, clock, nora, sam, relationshipId } = life;
  const remindersOf = async (person: typeof nora): Promise<number> => {
    const { items } = await person.client.query(relationshipId, "inbox.list", { limit: 100, type: "reminder" });
    return items.filter(({ actionUrl }) => actionUrl?.includes("check") === true).length;
  };
  await stage.step("Sam forgets: in his own evening he is reminded once, and Nora, who did not, is not", async () => {
    // Noon UTC is the middle of Nora's day and the end of Sam's.
    await clock.forwardToHour(12, [relationshipId]);
    const before = [await remindersOf(nora), await remindersOf(sam)];
    await nora.client.command(relationshipId, "checkins.submit", { date: nora.today, mood: 8 });
    await clock.forwardToHour(9, [relationshipId]);
    await eventually("Sam is reminded", async () => ((await remindersOf(sam)) > (before[1] ?? 0) ? true : null));
    await clock.forwardToHour(10, [relationshipId]);
    assert.deepEqual([await remindersOf(nora), await remindersOf(sam)], [before[0], (before[1] ?? 0) + 1]);
  });
  await stage.step("He adds the forgotten day, late: the streak goes on", async () => {
    for (let back = 0; back < 2; back++) {
      const date = new Date(Date.parse(sam.today) - back * 86_400_000).toISOString().slice(0, 10);
      await sam.client.command(relationshipId, "checkins.submit", { date, mood: 6 });
    }
    await bothCheckIn(life, 8);
    const streak = await streakOf(sam, relationshipId);
    assert(streak >= 31, `the streak is ${streak}`);
  });
}

export async function makeThings({ stage, nora, sam, relationshipId }: Life): Promise<void> {
  const { client } = nora;
  await stage.step("A hundred small steps of both, at once, make a goal of a hundred, once", async () => {
    const { id } = await nora.client.command(relationshipId, "goals.create", {
      name: "A hundred swims",
      type: "milestone",
      targetCount: 100,
    });
    const steps = Array.from({ length: 100 }, (_, index) =>
      (index % 2 === 0 ? nora : sam).client.command(relationshipId, "goals.add_progress", { id, delta: 1 }),
    );
    await Promise.all(steps);
    const goal = await sam.client.query(relationshipId, "goals.get", { id });
    assert.deepEqual([goal.progress, goal.status], [100, "completed"]);
  });
  await stage.step("A birthday on 29 February, a feed that a calendar reads, and its end", async () => {
    await client.command(relationshipId, "dates.add", {
      name: "Nora's birthday",
      type: "birthday",
      date: "1996-02-29",
      leapDay: "mar_1",
    });
    await client.command(relationshipId, "dates.create_feed");
    const { address } = (await (await nora.request(`/api/relationships/${relationshipId}/calendar-feed`)).json()) as {
      address: string;
    };
    const calendar = new ICAL.Component(ICAL.parse(await (await fetch(address)).text()));
    const titles = calendar.getAllSubcomponents("vevent").map((event) => new ICAL.Event(event).summary);
    assert(
      titles.some((title) => title.includes("birthday")),
      titles.join(", "),
    );
    await client.command(relationshipId, "dates.revoke_feed");
    assert.equal((await fetch(address)).status, 410);
  });
  await stage.step("A photo, for five minutes at an address that nobody can guess", async () => {
    const bytes = new Uint8Array(Buffer.from(PIXEL, "base64"));
    const { id, upload } = await client.command(relationshipId, "photos.reserve", {
      contentType: "image/png",
      sizeBytes: bytes.byteLength,
    });
    const stored = await nora.request(upload.path, "PUT", bytes);
    assert.equal(stored.status, 200, await stored.text());
    const { path } = await sam.client.query(relationshipId, "photos.address", { id });
    const picture = await fetch(new URL(path, stage.origin));
    assert.deepEqual([picture.status, picture.headers.get("content-type")], [200, "image/png"]);
    await picture.arrayBuffer();
  });
  await stage.step("Sam imports dates from a file: first a dry run, then for good, then undone", async () => {
    const text = "name,type,date\r\nSam's birthday,birthday,1994-05-01\r\nNo such day,custom,2026-02-30\r\n";
    const file = { kind: "dates", format: "csv", text, skipBroken: true } as const;
    const dry = await sam.client.command(relationshipId, "imports.run", { ...file, dryRun: true });
    assert.deepEqual([dry.counts, dry.importId], [{ rows: 2, ok: 1, skipped: 0, errors: 1 }, null]);
    const { importId } = await sam.client.command(relationshipId, "imports.run", file);
    assert(importId !== null);
    const undone = await sam.client.command(relationshipId, "imports.undo", { id: importId });
    assert.equal(undone.removed, 1);
  });
}

export async function disagree({ stage, nora, sam, relationshipId }: Life): Promise<void> {
  await stage.step("Both edit one plan at once: the second is told, and both texts are kept", async () => {
    const plan = { name: "Weekend", type: "adventure", description: "By the sea" } as const;
    const { id, version } = await nora.client.command(relationshipId, "activities.plan", plan);
    await nora.client.command(relationshipId, "activities.update", {
      id,
      version,
      description: "By the sea, with books",
    });
    const late = { id, version, description: "In the mountains" };
    const refused = await sam.client
      .command(relationshipId, "activities.update", late)
      .catch((error: unknown) => error);
    assert(refused instanceof ClientError && refused.code === "edit_conflict");
    const kept = await sam.client.command(relationshipId, "activities.update", { ...late, keepBoth: true });
    assert.equal(kept.description, "By the sea, with books\n\nIn the mountains");
  });
}
