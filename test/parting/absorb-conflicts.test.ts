import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { derivedId } from "../../src/domain/parting/derived-id.ts";
import { idSchema } from "../../src/protocol/ids.ts";
import { settle } from "../support/absorbing.ts";
import { createSolo, join, type TestCouple } from "../support/couple.ts";
import { rowsOf } from "../support/object.ts";
import { AT, decideMove, tell } from "./directory-moves.ts";
import { contentOf } from "./moving-rows.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: AT });
});

afterEach(() => {
  vi.useRealTimers();
});

const TODAY = "2031-03-03";
const now = { now: AT };

/** Grace alone, and the couple that she has just joined; what she wrote alone has not arrived yet. */
async function joining(
  alone: (grace: TestCouple) => Promise<unknown>,
): Promise<{ couple: TestCouple; finish: () => Promise<void> }> {
  const ada = await createSolo({ createdAt: AT });
  const grace = await createSolo({ createdAt: AT, userIds: [ada.b.userId, "nobody"] });
  await alone(grace);
  await decideMove(grace.relationshipId, grace.a.userId, ada.relationshipId, AT);
  const couple = await join(ada, "UTC", AT);
  const finish = async (): Promise<void> => {
    await tell(AT, couple.relationshipId);
    await settle(couple.relationshipId);
  };
  return { couple, finish };
}

it("leaves a check-in that the partner may have read as it is, and keeps what was said alone as a private note", async () => {
  const { couple, finish } = await joining((grace) =>
    grace.a.run("checkins.submit", { date: TODAY, mood: 2, gratitudeNote: "rain", highlight: "canary-alone" }, now),
  );
  await couple.b.run("checkins.submit", { date: TODAY, mood: 8, gratitudeNote: "rain and tea" }, now);
  const before = JSON.stringify(await couple.a.run("checkins.list", {}, now));
  await finish();
  expect(JSON.stringify(await couple.a.run("checkins.list", {}, now))).toBe(before);
  expect(await couple.a.run("notes.list", {}, now)).toMatchObject({ items: [] });
  const { items } = await couple.b.run<{ items: Record<string, unknown>[] }>("notes.list", {}, now);
  expect(items).toMatchObject([
    { date: TODAY, isPrivate: true, body: "Mood: 2\n\nHighlight of the day: canary-alone" },
  ]);
  expect(idSchema("note").safeParse(items[0]?.["id"]).success).toBe(true);
});

it("tells its author that a check-in of the day of pairing is still theirs alone, in whichever order the two came", async () => {
  const alone = { date: TODAY, mood: 2, gratitudeNote: "rain" };
  const edit = { date: TODAY, mood: 8 };
  const first = await joining((grace) => grace.a.run("checkins.submit", alone, now));
  await first.finish();
  const { a, b } = first.couple;
  expect(await b.run("checkins.submit", edit, now)).toMatchObject({ isNew: false, isPrivate: true });
  expect(await b.run("checkins.get", { date: TODAY }, now)).toMatchObject({ mine: { mood: 8, isPrivate: true } });
  expect(await a.run("checkins.get", { date: TODAY }, now)).toMatchObject({ partner: null });
  await b.run("checkins.share", { date: TODAY, withNotes: false }, now);
  expect(await b.run("checkins.get", { date: TODAY }, now)).toMatchObject({ mine: { isPrivate: false } });
  expect(await a.run("checkins.get", { date: TODAY }, now)).toMatchObject({ partner: { mood: 8, isPrivate: false } });

  const last = await joining((grace) => grace.a.run("checkins.submit", alone, now));
  expect(await last.couple.b.run("checkins.submit", edit, now)).toMatchObject({ isNew: true, isPrivate: false });
  await last.finish();
  const mine = { mood: 8, gratitudeNote: null, isPrivate: false };
  expect(await last.couple.b.run("checkins.get", { date: TODAY }, now)).toMatchObject({ mine });
  expect(await last.couple.a.run("checkins.get", { date: TODAY }, now)).toMatchObject({ partner: { mood: 8 } });
});

it("makes no note of a check-in that says nothing new", async () => {
  const checkin = { date: TODAY, mood: 8, gratitudeNote: "tea" };
  const { couple, finish } = await joining((grace) => grace.a.run("checkins.submit", checkin, now));
  await couple.b.run("checkins.submit", checkin, now);
  await finish();
  expect(await couple.b.run("notes.list", {}, now)).toMatchObject({ items: [] });
});

it("fills the scores of a private check-in, and keeps the texts of both", async () => {
  const { couple, finish } = await joining((grace) =>
    grace.a.run("checkins.submit", { date: TODAY, mood: 2, connection: 3, gratitudeNote: "the first" }, now),
  );
  await couple.b
    .run("checkins.submit", { date: TODAY, mood: 8, gratitudeNote: "the second", private: true }, now)
    .catch(async () => couple.b.run("checkins.submit", { date: TODAY, mood: 8, gratitudeNote: "the second" }, now));
  await rowsOf(couple, "UPDATE daily_checkins SET visibility = 'private'");
  await finish();
  const rows = await rowsOf(
    couple,
    "SELECT mood_score, connection_score, gratitude_note, row_version FROM daily_checkins",
  );
  expect(rows).toEqual([{ mood_score: 8, connection_score: 3, gratitude_note: "the second", row_version: 2 }]);
  const notes = await rowsOf<{ body: string }>(couple, "SELECT body FROM notes");
  expect(notes).toEqual([{ body: "Mood: 2\n\nGrateful for: the first" }]);
});

it("keeps both tries of a challenge: the one that is here goes on, the one that arrives is over", async () => {
  const start = { challengeId: "daily_gratitude_7", startDate: TODAY };
  const { couple, finish } = await joining(async (grace) => {
    const { id } = await grace.a.run<{ id: string }>("challenges.start", start, now);
    await grace.a.run(
      "challenges.log_entry",
      { participationId: id, date: TODAY, completed: true, content: "alone" },
      now,
    );
  });
  const ours = await couple.b.run<{ id: string }>("challenges.start", start, now);
  await rowsOf(couple, "UPDATE challenge_participation SET visibility = 'private'");
  await finish();
  const rows = await rowsOf<{ id: string; status: string; actual_end_date: string | null }>(
    couple,
    "SELECT id, status, actual_end_date FROM challenge_participation ORDER BY status",
  );
  expect(rows.map(({ status, actual_end_date }) => [status, actual_end_date])).toEqual([
    ["abandoned", TODAY],
    ["active", null],
  ]);
  expect(rows[1]?.id).toBe(ours.id);
  const entries = (await contentOf(couple.relationshipId))["challenge_entries"];
  expect(entries).toMatchObject([{ participation_id: rows[0]?.id, entry_content: "alone", visibility: "private" }]);
});

it("reminds of a challenge that came along, at the end of its time and of no other", async () => {
  const { couple, finish } = await joining((grace) =>
    grace.a.run("challenges.start", { challengeId: "daily_gratitude_7", startDate: TODAY }, now),
  );
  await finish();
  const planned = await rowsOf(couple, "SELECT key, due_at FROM schedule WHERE kind = 'challenge.due'");
  const [row] = (await contentOf(couple.relationshipId))["challenge_participation"] ?? [];
  expect(planned).toEqual([{ key: row?.["id"], due_at: Date.UTC(2031, 2, 11) }]);
});

it("derives the same id for the same person and row, another for others, and always a valid one", () => {
  const id = "act_019ecb27-2200-7cbf-9885-54f667c2d1d2";
  expect(derivedId(id, "ada")).toBe(derivedId(id, "ada"));
  expect(derivedId(id, "ada")).not.toBe(derivedId(id, "grace"));
  expect(idSchema("activity").safeParse(derivedId(id, "ada")).success).toBe(true);
  expect(derivedId(id, "ada").slice(0, 17)).toBe(id.slice(0, 17));
});
