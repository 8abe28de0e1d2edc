import type { TestMember } from "./couple.ts";

type Results = ReadonlyMap<string, Record<string, unknown>>;

interface Sample {
  name: string;
  input: (results: Results) => unknown;
}

/** A field of what an earlier sample answered, such as `idOf("activities.plan")`. */
const from =
  (name: string, field = "id") =>
  (results: Results): unknown =>
    results.get(name)?.[field];

const with_ =
  (name: string, more: object = {}, key = "id") =>
  (results: Results) => ({ [key]: from(name)(results), ...more });
const plain =
  (input: object = {}) =>
  () =>
    input;

/** One valid use of every operation, in an order that works for one member of a fresh couple on 2026-06-15. */
export const SAMPLES: readonly Sample[] = [
  { name: "membership.get", input: plain() },
  {
    name: "membership.update_profile",
    input: plain({ version: 1, relationshipType: "married", startDate: "2020-02-29" }),
  },
  { name: "checkins.submit", input: plain({ date: "2026-06-15", mood: 7, connection: 8, gratitudeNote: "Tea" }) },
  // It is shared already: the refusal must be the same over both transports, too.
  { name: "checkins.share", input: plain({ date: "2026-06-15", withNotes: true }) },
  { name: "checkins.get", input: plain({ date: "2026-06-15" }) },
  { name: "checkins.list", input: plain({ limit: 5 }) },
  {
    name: "activities.plan",
    input: plain({ name: "Walk", type: "adventure", plannedDate: "2026-06-20", private: true }),
  },
  { name: "activities.share", input: with_("activities.plan") },
  { name: "activities.update", input: with_("activities.plan", { version: 2, location: "By the river" }) },
  { name: "activities.complete", input: with_("activities.plan", { durationMinutes: 60 }) },
  { name: "activities.rate", input: with_("activities.plan", { rating: 9 }) },
  { name: "activities.log", input: plain({ name: "Museum", type: "learning" }) },
  { name: "activities.get", input: with_("activities.plan") },
  { name: "activities.list", input: plain({ status: "completed" }) },
  { name: "goals.create", input: plain({ name: "Read together", type: "custom", targetCount: 3, private: true }) },
  { name: "goals.share", input: with_("goals.create") },
  { name: "goals.update", input: with_("goals.create", { version: 2, description: "Aloud", targetCount: 4 }) },
  { name: "goals.get", input: with_("goals.create") },
  { name: "goals.add_progress", input: with_("goals.create", { delta: 1 }) },
  { name: "goals.update_status", input: with_("goals.create", { status: "paused" }) },
  { name: "goals.list", input: plain() },
  {
    name: "dates.add",
    input: plain({ name: "First kiss", type: "anniversary", date: "2020-06-20", private: true }),
  },
  { name: "dates.update", input: with_("dates.add", { reminderDaysBefore: 3, version: 1 }) },
  { name: "dates.share", input: with_("dates.add") },
  { name: "dates.get", input: with_("dates.add") },
  { name: "dates.list", input: plain({ days: 30 }) },
  { name: "dates.upcoming", input: plain({ days: 90 }) },
  { name: "dates.all", input: plain() },
  { name: "dates.milestones", input: plain({ next: 3, past: 2 }) },
  { name: "dates.create_feed", input: plain() },
  { name: "dates.get_feed_state", input: plain() },
  { name: "dates.revoke_feed", input: plain() },
  { name: "questions.today", input: plain() },
  { name: "questions.answer", input: plain({ text: "The rain on the roof" }) },
  { name: "questions.reveal", input: plain({ date: "2026-06-15" }) },
  { name: "questions.history", input: plain({ limit: 5 }) },
  { name: "dates.remove", input: with_("dates.add") },
  { name: "conversations.log", input: plain({ type: "deep_talk", outcome: "positive", private: true }) },
  { name: "conversations.share", input: with_("conversations.log") },
  {
    name: "conversations.update",
    input: with_("conversations.log", { version: 2, topic: "Us", followUpDate: "2026-06-20" }),
  },
  { name: "conversations.follow_up_done", input: with_("conversations.log", { outcome: "neutral" }) },
  { name: "conversations.get", input: with_("conversations.log") },
  { name: "conversations.list", input: plain() },
  { name: "conversations.delete", input: with_("conversations.log") },
  { name: "notes.write", input: plain({ title: "Tonight", body: "The lake was ours", private: true }) },
  { name: "notes.update", input: with_("notes.write", { version: 1, title: null }) },
  { name: "notes.share", input: with_("notes.write") },
  { name: "notes.get", input: with_("notes.write") },
  { name: "notes.list", input: plain({ mine: true }) },
  {
    name: "photos.reserve",
    input: (results) => ({
      contentType: "image/jpeg",
      sizeBytes: 2_000,
      subject: { kind: "note", id: from("notes.write")(results) },
    }),
  },
  { name: "photos.usage", input: plain() },
  { name: "photos.list", input: plain() },
  // Its bytes have not arrived: to all of these it is not there, and the refusal must be the same, too.
  { name: "photos.get", input: with_("photos.reserve") },
  { name: "photos.address", input: with_("photos.reserve") },
  { name: "photos.update", input: with_("photos.reserve", { version: 1, caption: "Us" }) },
  { name: "photos.share", input: with_("photos.reserve") },
  { name: "photos.delete", input: with_("photos.reserve") },
  { name: "notes.delete", input: with_("notes.write") },
  { name: "challenges.catalogue", input: plain() },
  { name: "challenges.start", input: plain({ challengeId: "daily_gratitude_7", private: true }) },
  { name: "challenges.share", input: with_("challenges.start", {}, "participationId") },
  {
    name: "challenges.log_entry",
    input: with_("challenges.start", { date: "2026-06-15", completed: true }, "participationId"),
  },
  { name: "challenges.pause", input: with_("challenges.start", {}, "participationId") },
  { name: "challenges.resume", input: with_("challenges.start", {}, "participationId") },
  { name: "challenges.get", input: with_("challenges.start", {}, "participationId") },
  { name: "challenges.list", input: plain() },
  // One member alone has not finished it: the refusal must be the same over both transports, too.
  { name: "challenges.complete", input: with_("challenges.start", {}, "participationId") },
  { name: "challenges.abandon", input: with_("challenges.start", {}, "participationId") },
  { name: "challenges.restart", input: with_("challenges.start", {}, "participationId") },
  { name: "activities.cancel", input: with_("activities.plan") },
  {
    name: "imports.run",
    input: plain({ kind: "dates", format: "csv", text: "name,type,date\nMoved in,milestone,2022-03-01\n" }),
  },
  { name: "imports.list", input: plain() },
  { name: "imports.undo", input: (results) => ({ id: from("imports.run", "importId")(results) }) },
  { name: "achievements.list", input: plain() },
  { name: "achievements.points", input: plain() },
  { name: "insights.dashboard", input: plain() },
  { name: "insights.streaks", input: plain() },
  { name: "insights.health", input: plain({ version: 1 }) },
  { name: "insights.engagement", input: plain() },
  { name: "insights.why", input: plain({ subject: "streak", of: "mine" }) },
  { name: "checkins.set_streaks_hidden", input: plain({ hidden: true }) },
  { name: "insights.opened", input: plain() },
  { name: "insights.trends", input: plain({ days: 7 }) },
  { name: "insights.snapshot", input: plain() },
  { name: "inbox.list", input: plain() },
  { name: "inbox.unread_count", input: plain() },
  { name: "inbox.mark_read", input: (results) => ({ ids: inboxIds(results) }) },
  { name: "inbox.unread_by_type", input: plain() },
  { name: "inbox.archive", input: (results) => ({ ids: inboxIds(results) }) },
  { name: "inbox.get_preferences", input: plain() },
  {
    name: "inbox.update_preferences",
    input: plain({
      channels: { goals: { inbox: false } },
      hours: { checkin: 20 },
      quietHours: { from: "22:00", to: "07:00" },
    }),
  },
  { name: "inbox.mark_all_read", input: plain() },
  { name: "membership.pause", input: plain() },
  { name: "membership.resume", input: plain() },
];

/** What ends the couple's time together; to be played after everything else. Leaving closes every socket. */
export const PARTING_SAMPLES: readonly Sample[] = [
  { name: "membership.leave", input: plain() },
  { name: "membership.set_parting_choice", input: plain({ choice: "decline" }) },
  { name: "membership.purge_mine", input: plain({ confirm: "delete my part" }) },
];

export const ALL_SAMPLES: readonly Sample[] = [...SAMPLES, ...PARTING_SAMPLES];

function inboxIds(results: Results): string[] {
  const items = (results.get("inbox.list")?.["items"] ?? []) as { id: string }[];
  return items.slice(0, 1).map((item) => item.id);
}

export type Ask = (name: string, input: unknown) => Promise<{ ok: boolean; data?: unknown; error?: unknown }>;

/** Plays `samples` through `ask` and returns each answer by its name. */
export async function playSamples(
  ask: Ask,
  samples = SAMPLES,
): Promise<Map<string, { ok: boolean; data?: unknown; error?: unknown }>> {
  const results = new Map<string, Record<string, unknown>>();
  const answers = new Map<string, { ok: boolean; data?: unknown; error?: unknown }>();
  for (const sample of samples) {
    const answer = await ask(sample.name, sample.input(results));
    if (answer.ok) results.set(sample.name, answer.data as Record<string, unknown>);
    answers.set(sample.name, answer);
  }
  return answers;
}

/** Ids, times and the like differ between two couples that did the same; their places do not. */
export function comparable(answer: unknown, couple: { a: TestMember; b: TestMember; relationshipId: string }): unknown {
  const text = JSON.stringify(answer)
    .replaceAll(couple.a.userId, "USER_A")
    .replaceAll(couple.b.userId, "USER_B")
    .replaceAll(couple.relationshipId, "REL")
    .replaceAll(/\b([a-z]+)_[0-9a-f]{8}-[0-9a-f-]{27}/g, "$1_ID")
    // Each couple goes through the questions in an order of its own.
    .replaceAll(/"question":\{"id":"[^"]*","category":"[^"]*","question":"[^"]*"\}/g, '"question":"QUESTION"');
  return JSON.parse(text);
}
