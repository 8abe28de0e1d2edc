import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { CONTENT } from "../../src/domain/content.ts";
import { rebuildService } from "../../src/domain/insights/rebuild.ts";
import { FORMER_MEMBER } from "../../src/domain/parting/rules.ts";
import { namesOf, type ContentRow } from "../../src/domain/parting/page-store.ts";
import { callService } from "../../src/relationship/stub.ts";
import { isAlive, runMoves, settle } from "../support/absorbing.ts";
import { createCouple, createSolo, join, type TestCouple } from "../support/couple.ts";
import { eventsOf, rowsOf } from "../support/object.ts";
import { connect } from "../support/socket-client.ts";
import { AT, decideMove, freeze, tell } from "./directory-moves.ts";
import { contentOf, contentRow, filesOf, idOf, insertRows, seedEverything, type SeededRow } from "./moving-rows.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: AT });
});

afterEach(() => {
  vi.useRealTimers();
});

/** Ada and Grace are a couple in Ada's object; Grace's own one ends with that. */
async function joined(options: { seed?: (soloId: string, graceId: string) => Promise<unknown> } = {}): Promise<{
  couple: TestCouple;
  soloId: string;
  graceId: string;
}> {
  const ada = await createSolo({ createdAt: AT });
  const grace = await createSolo({ createdAt: AT, userIds: [ada.b.userId, "nobody"] });
  const soloId = grace.relationshipId;
  await options.seed?.(soloId, grace.a.userId);
  await decideMove(soloId, grace.a.userId, ada.relationshipId, AT);
  return { couple: await join(ada, "UTC", AT), soloId, graceId: grace.a.userId };
}

/** What everything that Ada can ask answers, and every event that she can see. */
async function everythingOf(couple: TestCouple): Promise<string> {
  const names = [
    "membership.get",
    "insights.snapshot",
    "insights.dashboard",
    "checkins.list",
    "activities.list",
    "goals.list",
    "dates.list",
    "conversations.list",
    "challenges.list",
    "achievements.list",
    "inbox.list",
    "notes.list",
    "photos.list",
  ];
  const answers: unknown[] = [];
  for (const name of names) answers.push(await couple.a.run(name, {}, { now: AT }));
  const { ready, socket } = await connect(couple.relationshipId, couple.a.userId, {
    cursors: { epoch: 1, couple: 0, own: 0 },
  });
  socket.close();
  const counted = await rowsOf(
    couple,
    "SELECT name, actor_id, COUNT(*) AS n FROM relationship_events WHERE counted = 1 GROUP BY 1, 2 ORDER BY 1, 2",
  );
  return JSON.stringify([answers, ready.events, ready.cursors, counted]);
}

it("moves one row of every class of every table of a person alone, private to them, and shows the partner no trace", async () => {
  const { couple, soloId, graceId } = await joined({
    seed: async (id, grace) => {
      const rows = CONTENT.filter(({ table }) => table !== "challenge_entries").map((table): [string, ContentRow] => {
        const row = contentRow(table, grace, "private");
        if (table.table === "photos")
          Object.assign(row, { object_key: `relationships/${id}/${row["id"]}`, size_bytes: 3 });
        return [table.table, row];
      });
      await env.FILES.put(String(rows.at(-1)?.[1]["object_key"]), "abc");
      await insertRows(id, rows);
    },
  });
  await couple.a.run("checkins.submit", { date: "2031-03-03", mood: 9 }, { now: AT });
  await couple.a.run("activities.plan", { name: "Ours", type: "custom" }, { now: AT });
  const [before, source] = [await everythingOf(couple), await contentOf(soloId)];
  await tell(AT, soloId, couple.relationshipId);
  await settle(couple.relationshipId);
  expect((await everythingOf(couple)) === before).toBe(true);
  const arrived = await contentOf(couple.relationshipId, graceId);
  for (const { table } of CONTENT.filter((one) => one.table !== "challenge_entries")) {
    expect([table, arrived[table]?.length]).toEqual([table, 1]);
    expect(arrived[table]?.[0]).toEqual({
      ...source[table]?.[0],
      visibility: "private",
      ...(table === "daily_checkins" && { notes_visibility: "private" }),
      ...(table === "photos" && {
        object_key: String(source[table]?.[0]?.["object_key"]).replace(soloId, couple.relationshipId),
      }),
    });
  }
  const key = String(arrived["photos"]?.[0]?.["object_key"]);
  expect(await (await env.FILES.get(key))?.text()).toBe("abc");
  expect((await eventsOf(couple, "history.moved")).map(({ stream, data }) => [stream, data])).toEqual([
    [graceId, '{"rows":9}'],
  ]);
});

/** A couple that wrote rows of every class, and has parted; each of them is alone now. */
async function parted(): Promise<{ old: TestCouple; seeded: SeededRow[]; ada: TestCouple; grace: TestCouple }> {
  const old = await createCouple({ createdAt: AT });
  const [adaId, graceId] = [old.a.userId, old.b.userId];
  const seeded = await seedEverything(old.relationshipId, { mine: adaId, theirs: graceId });
  await freeze(old, AT);
  const ada = await createSolo({ createdAt: AT, userIds: [adaId, "nobody"] });
  const grace = await createSolo({ createdAt: AT, userIds: [graceId, "nobody"] });
  return { old, seeded, ada, grace };
}

it("gives each of a parted couple their own and the joint rows, and destroys the rest with the object", async () => {
  const { old, seeded, ada, grace } = await parted();
  const oldId = old.relationshipId;
  await rowsOf(
    old,
    `UPDATE challenge_participation SET progress_percentage = 71, status = 'active', challenge_id = 'daily_gratitude_7'
     WHERE id = (SELECT min(id) FROM challenge_participation WHERE visibility = 'joint')`,
  );
  await decideMove(oldId, ada.a.userId, ada.relationshipId, AT);
  await decideMove(oldId, grace.a.userId, grace.relationshipId, AT);
  await tell(AT, oldId, ada.relationshipId, grace.relationshipId);
  await settle(ada.relationshipId, grace.relationshipId);
  for (const { relationshipId, a } of [ada, grace]) {
    const content = await contentOf(relationshipId);
    const text = JSON.stringify(content);
    for (const row of seeded) {
      const comes = row.author === a.userId || row.visibility === "joint";
      expect([row.words, text.includes(row.words)]).toEqual([row.words, comes]);
    }
    for (const table of CONTENT) {
      const rows = content[table.table] ?? [];
      expect([table.table, rows.length]).toEqual([table.table, table.belongs === "own" ? 2 : 3]);
      expect(new Set(rows.map((row) => row["visibility"]))).toEqual(new Set(["private"]));
      expect(new Set(rows.map((row) => row[namesOf(table).author]))).toEqual(new Set([a.userId]));
    }
    // Both had rated each of them; only the own rating came along, into the slot of the one who is alone now.
    const ratings = content["activities"]?.map((row) => [
      row["satisfaction_rating_user1"],
      row["satisfaction_rating_user2"],
    ]);
    expect(ratings).toEqual(Array.from({ length: 3 }, () => [a.userId === old.a.userId ? 8 : 3, null]));
    const former = content["activities"]?.filter((row) => row["former_author"] === 1).map((row) => row["id"]);
    expect(former).toEqual([
      idOf(seeded, "activities", a.userId === old.a.userId ? old.b.userId : old.a.userId, "joint"),
    ]);
    const { items } = await a.run<{ items: { createdBy: string }[] }>("activities.list", {}, { now: AT });
    expect(items.map(({ createdBy }) => createdBy).toSorted()).toEqual([a.userId, a.userId, FORMER_MEMBER].toSorted());
    expect(await filesOf(relationshipId)).toEqual(content["photos"]?.map((row) => row["object_key"]));
    expect(await rowsOf({ relationshipId }, "PRAGMA foreign_key_check")).toEqual([]);
    // What counts for a person alone is counted and earned anew.
    const { differences } = await callService(env, relationshipId, rebuildService, { apply: false }, AT);
    expect(differences.filter(({ table }) => table === "challenge_participation")).toEqual([]);
    expect(
      await rowsOf({ relationshipId }, "SELECT 1 FROM user_achievements WHERE achievement_id = 'first_checkin'"),
    ).toHaveLength(1);
  }
  await settle(oldId);
  expect(await isAlive(oldId)).toBe(false);
  expect(await filesOf(oldId)).toEqual([]);
});

it("keeps an object until the second part is taken", async () => {
  const { old, ada, grace } = await parted();
  await decideMove(old.relationshipId, ada.a.userId, ada.relationshipId, AT);
  await decideMove(old.relationshipId, grace.a.userId, grace.relationshipId, AT);
  await tell(AT, ada.relationshipId);
  await settle(ada.relationshipId);
  await runMoves(old.relationshipId);
  expect(await isAlive(old.relationshipId)).toBe(true);
  await tell(AT, grace.relationshipId);
  await settle(grace.relationshipId);
  await runMoves(old.relationshipId);
  expect(await isAlive(old.relationshipId)).toBe(false);
});

it.each(["purged", "decline"])("leaves a part that was %s to be destroyed with the object", async (choice) => {
  const { old, seeded, ada, grace } = await parted();
  await runInDurableObject(env.RELATIONSHIP.getByName(old.relationshipId), (_, state) => {
    state.storage.sql.exec("UPDATE members SET parting_choice = ? WHERE user_id = ?", choice, ada.a.userId).toArray();
  });
  // The choice came too late for the directory, and is kept all the same.
  await decideMove(old.relationshipId, ada.a.userId, ada.relationshipId, AT);
  await decideMove(old.relationshipId, grace.a.userId, grace.relationshipId, AT);
  await tell(AT, ada.relationshipId, grace.relationshipId);
  await settle(grace.relationshipId);
  await runMoves(old.relationshipId);
  expect(await isAlive(old.relationshipId)).toBe(false);
  await settle(ada.relationshipId);
  const kept = JSON.stringify(await contentOf(ada.relationshipId));
  expect(seeded.filter(({ words }) => kept.includes(words))).toEqual([]);
});

it("keeps both copies of what two made together when both come together again", async () => {
  const { old, ada } = await parted();
  const graceId = old.b.userId;
  await env.DB.prepare("UPDATE relationship_members SET left_at = joined_at WHERE user_id = ? AND left_at IS NULL")
    .bind(graceId)
    .run();
  const again = await join({ ...ada, b: old.b }, "UTC", AT);
  await decideMove(old.relationshipId, ada.a.userId, again.relationshipId, AT);
  await decideMove(old.relationshipId, graceId, again.relationshipId, AT);
  await tell(AT, again.relationshipId);
  await settle(again.relationshipId);
  for (const userId of [ada.a.userId, graceId]) {
    const content = await contentOf(again.relationshipId, userId);
    for (const { table, belongs } of CONTENT) {
      expect([table, content[table]?.length]).toEqual([table, belongs === "own" ? 2 : 3]);
    }
  }
  expect(await rowsOf(again, "PRAGMA foreign_key_check")).toEqual([]);
  const entries = await rowsOf(
    again,
    `SELECT 1 FROM challenge_entries AS e JOIN challenge_participation AS p ON p.id = e.participation_id
     WHERE p.created_by_user_id <> e.user_id`,
  );
  expect(entries).toEqual([]);
});
