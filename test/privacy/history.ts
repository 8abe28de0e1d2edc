import { createSolo, join, type TestCouple, type TestMember } from "../support/couple.ts";
import { rowsOf } from "../support/object.ts";

/** Ahead of the platform's clock, so that no alarm fires by itself. */
export const START = Date.UTC(2031, 2, 3, 9);
const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;
export const DAYS = 5;
const FOUNDED = START - 10 * DAY_MS;

export type Results = Map<string, string[]>;
export interface Step {
  who: "a" | "b";
  name: string;
  /** Ids are of what this history has made, by kind, in the order in which it was made. */
  input: (made: Results) => object | null;
  /** Under which kind the id of what it makes is remembered. */
  makes?: string;
  at: number;
  /** A statement in place of the command: what comes late, from an earlier space. ?1 is Ada, ?2 Grace, ?3 the time. */
  sql?: string;
}

export type Draw = (below: number) => number;

/** Whole numbers below a bound, always the same for one seed. */
export function drawer(seed: number): Draw {
  let state = seed * 69_621 + 1;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

const csv = (kind: string, text: string): object => ({ kind, format: "csv", text });
const dayAfter = (date: string): string => dayAt(Date.parse(date) + DAY_MS);
export const dayAt = (at: number): string => new Date(at).toISOString().slice(0, 10);

const of =
  (kind: string, index: number, more: object = {}, key = "id") =>
  (made: Results): object | null => {
    const id = made.get(kind)?.[index % Math.max(1, made.get(kind)?.length ?? 0)];
    return id === undefined ? null : { [key]: id, ...more };
  };

/** The one that was made last, and so the likeliest to be untouched. */
const latest =
  (kind: string, more: object) =>
  (made: Results): object | null => {
    const id = made.get(kind)?.at(-1);
    return id === undefined ? null : { id, ...more };
  };

/** What either of the two may do openly on one day. */
function openDeeds(date: string, draw: Draw): Omit<Step, "who" | "at">[] {
  const pick = draw(4);
  const [score, connection] = [1 + draw(10), 1 + draw(10)];
  return [
    {
      name: "checkins.submit",
      input: () => ({ date, mood: score, connection, satisfaction: 5, gratitudeNote: "Tea" }),
    },
    { name: "activities.log", input: () => ({ name: "Walk", type: "date_night", rating: score }), makes: "activity" },
    { name: "activities.plan", input: () => ({ name: "Lake", type: "adventure", plannedDate: date }), makes: "plan" },
    { name: "activities.complete", input: of("plan", pick) },
    { name: "activities.rate", input: of("activity", pick, { rating: score }) },
    { name: "goals.create", input: () => ({ name: "Read", type: "custom", targetCount: 4 }), makes: "goal" },
    { name: "goals.add_progress", input: of("goal", pick, { delta: 1 }) },
    { name: "dates.add", input: () => ({ name: "Kiss", type: "anniversary", date: "2020-03-20" }), makes: "date" },
    { name: "conversations.log", input: () => ({ type: "deep_talk", outcome: "positive" }), makes: "conversation" },
    { name: "notes.write", input: () => ({ title: "Ours", body: "The lake" }), makes: "note" },
    { name: "challenges.start", input: () => ({ challengeId: "daily_gratitude_7" }), makes: "challenge" },
    {
      name: "challenges.log_entry",
      input: of("challenge", 0, { date, completed: true, reflection: "Quiet" }, "participationId"),
    },
    { name: "insights.opened", input: () => ({}) },
    { name: "inbox.mark_all_read", input: () => ({}) },
  ];
}

/** What Ada keeps to herself: everything that can be private, made, used, changed and deleted. */
function privateDeeds(date: string, draw: Draw): Omit<Step, "who" | "at">[] {
  const pick = draw(3);
  const mine = { private: true } as const;
  return [
    { name: "activities.log", input: () => ({ name: "SECRET ring", type: "custom", rating: 9, ...mine }), makes: "p" },
    {
      name: "activities.plan",
      input: () => ({ name: "Gala", type: "custom", plannedDate: date, notes: "SECRET", ...mine }),
      makes: "p.plan",
    },
    { name: "activities.complete", input: of("p.plan", pick, { durationMinutes: 5 }) },
    { name: "activities.rate", input: of("p", pick, { rating: 2 }) },
    { name: "activities.update", input: latest("p", { version: 1, notes: "SECRET" }) },
    { name: "activities.plan", input: () => ({ name: "SECRET off", type: "custom", ...mine }), makes: "p.off" },
    { name: "activities.cancel", input: latest("p.off", {}) },
    {
      name: "goals.create",
      input: () => ({ name: "SECRET", type: "custom", targetCount: 2, ...mine }),
      makes: "p.goal",
    },
    {
      name: "goals.create",
      input: () => ({ name: "SECRET due", type: "custom", targetCount: 2, targetDate: dayAfter(date), ...mine }),
      makes: "p.due",
    },
    { name: "goals.add_progress", input: of("p.goal", pick, { delta: 2 }) },
    { name: "goals.update_status", input: of("p.goal", pick, { status: "active" }) },
    {
      name: "dates.add",
      input: () => ({ name: "Gala", type: "anniversary", date: `2019${date.slice(4)}`, ...mine }),
      makes: "p.date",
    },
    { name: "dates.update", input: latest("p.date", { version: 1, reminderDaysBefore: 2 }) },
    { name: "dates.remove", input: of("p.date", pick) },
    {
      name: "conversations.log",
      input: () => ({ type: "deep_talk", topic: "SECRET", outcome: "needs_follow_up", followUpDate: date, ...mine }),
      makes: "p.talk",
    },
    { name: "conversations.update", input: latest("p.talk", { version: 1, topic: "SECRET still" }) },
    { name: "conversations.follow_up_done", input: of("p.talk", pick) },
    { name: "conversations.delete", input: of("p.talk", pick) },
    { name: "notes.write", input: () => ({ title: "SECRET", body: "SECRET", ...mine }), makes: "p.note" },
    { name: "notes.update", input: latest("p.note", { version: 1, body: "SECRET more" }) },
    { name: "notes.delete", input: of("p.note", pick) },
    { name: "challenges.start", input: () => ({ challengeId: "daily_gratitude_7", ...mine }), makes: "p.challenge" },
    {
      name: "challenges.log_entry",
      input: of("p.challenge", pick, { date, completed: true, reflection: "SECRET" }, "participationId"),
    },
    { name: "challenges.pause", input: of("p.challenge", pick, {}, "participationId") },
    { name: "challenges.resume", input: of("p.challenge", pick, {}, "participationId") },
    { name: "challenges.abandon", input: of("p.challenge", pick, {}, "participationId") },
    {
      name: "photos.reserve",
      input: () => ({ contentType: "image/jpeg", sizeBytes: 2_000, caption: "SECRET", ...mine }),
      makes: "p.photo",
    },
    { name: "dates.create_feed", input: () => ({}) },
    { name: "activities.list", input: () => ({}) },
  ];
}

/** The same history for one seed; with `secrets`, what Ada keeps to herself happens in between. */
export function history(seed: number, options: { secrets: boolean }): Step[] {
  const [draw, drawSecrets] = [drawer(seed), drawer(seed + 1_000)];
  const first = drawSecrets(20);
  const steps: Step[] = [];
  for (let day = 0; day < DAYS; day++) {
    const morning = START + day * DAY_MS;
    const date = dayAt(morning);
    const open = openDeeds(date, draw);
    for (let turn = 0; turn < 14; turn++) {
      const who = draw(2) === 0 ? "a" : "b";
      const deed = open[draw(open.length)];
      if (deed !== undefined) steps.push({ ...deed, who, at: morning + turn * MINUTE_MS });
      const hidden = privateDeeds(date, drawSecrets);
      // In turn from somewhere on: what is made is used and changed before it is deleted, and all of it happens.
      const secret = hidden[(first + steps.filter(({ at }) => at % MINUTE_MS !== 0).length) % hidden.length];
      if (options.secrets && secret !== undefined) {
        steps.push({ ...secret, who: "a", at: morning + turn * MINUTE_MS + 30_000 });
      }
    }
  }
  return [...steps, ...oneCheckin(options), ...questions(options), ...lateEntries(options), ...sameThings(options)];
}

/** A check-in of Ada's on a day of its own: without notes, or with notes that she keeps to herself and edits later. */
function oneCheckin({ secrets }: { secrets: boolean }): Step[] {
  const date = dayAt(START - DAY_MS);
  const submit = (more: object, day: number): Step => {
    const at = START + day * DAY_MS + 20 * MINUTE_MS;
    return { who: "a", name: "checkins.submit", at, input: () => ({ date, ...more }) };
  };
  if (!secrets) return [submit({ mood: 4 }, 0)];
  return [
    submit({ mood: 4, highlight: "SECRET", gratitudeNote: "SECRET", notesPrivate: true }, 0),
    submit({ version: 1, highlight: "SECRET again" }, 1),
  ];
}

/** What Ada does before Grace joins: nothing, or things that she keeps to herself. */
function alone({ secrets }: { secrets: boolean }): Step[] {
  if (!secrets) return [];
  const deeds: [string, object][] = [
    ["checkins.submit", { date: dayAt(FOUNDED), mood: 2, gratitudeNote: "SECRET" }],
    ["challenges.start", { challengeId: "acts_of_service" }],
    ...[0, 1, 2].map((back): [string, object] => [
      "questions.answer",
      { date: dayAt(FOUNDED - back * DAY_MS), text: `SECRET ${back}` },
    ]),
  ];
  return deeds.map(([name, input], index) => ({ who: "a", name, input: () => input, at: FOUNDED + index * 1_000 }));
}

/**
 * Of four days: one on which only Ada answers, and thinks again; one on which nobody does; one on which both do; and one
 * on which only Grace does, of a question that Ada has answered in an earlier space.
 */
function questions({ secrets }: { secrets: boolean }): Step[] {
  const at = START + DAY_MS + 40 * MINUTE_MS;
  const day = (back: number): string => dayAt(FOUNDED - back * DAY_MS);
  const answer = (who: Step["who"], back: number, text: string, more: object = {}): Step => {
    return { who, name: "questions.answer", input: () => ({ date: day(back), text, ...more }), at: at + back * 1_000 };
  };
  const again = { ...answer("a", 0, "SECRET again", { version: 1 }), at: at + 20_000 };
  const sql = `INSERT INTO daily_answers (id, user_id, question_date, question_id, answer, visibility, created_at, updated_at)
    SELECT 'late', ?1, question_date, question_id, 'SECRET', 'private', ?3, ?3 FROM daily_answers
    WHERE user_id = ?2 AND question_date = '${day(3)}'`;
  return [
    answer("a", 0, secrets ? "SECRET" : "Nothing much"),
    ...(secrets ? [again] : []),
    answer("a", 2, "The lake"),
    answer("b", 2, "The lake, too"),
    answer("b", 3, "The wind"),
    ...(secrets ? [{ ...again, name: "late answer", sql, at: at + 30_000 }] : []),
  ];
}

/**
 * A challenge of both, of which Grace does the first day. Ada's entries of that day and of the last one come late, from
 * the space in which she had begun it: private, though what they belong to is not.
 */
function lateEntries({ secrets }: { secrets: boolean }): Step[] {
  const at = START + 50 * MINUTE_MS;
  const date = dayAt(START - DAY_MS);
  const begin = { challengeId: "quality_time_30", startDate: date };
  const late = (day: string): Step => ({
    who: "a",
    name: "late entry",
    input: () => ({}),
    at: at + 30_000,
    sql: `INSERT INTO challenge_entries (id, participation_id, user_id, entry_date, completion_status, entry_content,
        visibility, created_at, updated_at)
      SELECT 'late ${day}', id, ?1, '${day}', 1, 'SECRET', 'private', ?3, ?3 FROM challenge_participation
      WHERE challenge_id = 'quality_time_30' AND ?2 <> ''`,
  });
  return [
    { who: "b", name: "checkins.submit", input: () => ({ date, mood: 4 }), at },
    { who: "b", name: "challenges.start", input: () => begin, makes: "ours", at: at + 1_000 },
    {
      who: "b",
      name: "challenges.log_entry",
      input: of("ours", 0, { date, completed: true }, "participationId"),
      at: at + 2_000,
    },
    ...(secrets ? [late(date), late(dayAt(START + DAYS * DAY_MS))] : []),
  ];
}

/** Grace brings along what Ada, unknown to her, has under the same name and day: what is not seen is no duplicate. */
function sameThings({ secrets }: { secrets: boolean }): Step[] {
  const at = START + (DAYS - 1) * DAY_MS + 30 * MINUTE_MS;
  const date = dayAt(at);
  const mine = { name: "Gala", type: "custom", private: true };
  const hidden: Step[] = [
    { who: "a", name: "activities.plan", at, input: () => ({ ...mine, plannedDate: date }) },
    { who: "a", name: "dates.add", at: at + 1_000, input: () => ({ ...mine, date }) },
  ];
  return [
    ...(secrets ? hidden : []),
    {
      who: "b",
      name: "imports.run",
      at: at + 2_000,
      input: () => csv("dates", `name,type,date\nGala,custom,${date}\n`),
    },
    {
      who: "b",
      name: "imports.run",
      at: at + 3_000,
      input: () => csv("activities", `name,type,planned_date,status\nGala,custom,${date},planned\n`),
    },
    ...takenBack(at + 4_000, secrets),
  ];
}

/** Grace takes back what she brought along, on which Ada has hung a photo of her own. */
function takenBack(at: number, secrets: boolean): Step[] {
  const text = `name,type,planned_date\nFair,custom,${dayAfter(dayAt(at))}\n`;
  const photo = { contentType: "image/jpeg", sizeBytes: 2_000, caption: "SECRET", private: true };
  const hidden: Step = {
    who: "a",
    name: "photos.reserve",
    input: (made) => ({ ...photo, subject: { kind: "activity", id: made.get("fair")?.at(-1) } }),
    makes: "p.photo",
    at: at + 2_000,
  };
  return [
    { who: "b", name: "imports.run", input: () => csv("activities", text), makes: "import", at },
    // The newest is the one that was just brought.
    { who: "b", name: "activities.list", input: () => ({ limit: 1 }), makes: "fair", at: at + 1_000 },
    ...(secrets ? [hidden] : []),
    { who: "b", name: "imports.undo", input: of("import", 0), at: at + 3_000 },
  ];
}

/** A couple of that time, always of the same age. Ada begins it, and may do something before Grace joins her. */
export async function couple(options: { secrets: boolean }): Promise<TestCouple> {
  const solo = await createSolo({ createdAt: FOUNDED, startDate: "2030-11-23" });
  for (const step of alone(options)) {
    if (!(await play(solo, step, new Map()))) throw new Error(`${step.name} was refused`);
  }
  return join(solo, "UTC", FOUNDED + MINUTE_MS);
}

/** Plays one step. @returns whether it was done; a refusal is part of a history */
export async function play(members: { a: TestMember; b: TestMember }, step: Step, made: Results): Promise<boolean> {
  const input = step.input(made);
  if (input === null) return false;
  if (step.sql !== undefined) {
    await rowsOf(members.a, step.sql, members.a.userId, members.b.userId, step.at);
    return true;
  }
  const reply = await members[step.who].reply(step.name, input, { now: step.at });
  if (!reply.ok) return false;
  const { data } = JSON.parse(reply.json) as { data: { id?: string; importId?: string; items?: { id: string }[] } };
  const id = data.id ?? data.importId ?? data.items?.[0]?.id;
  // Its bytes need no upload here: what counts is that there is a photo.
  if (step.name === "photos.reserve") await rowsOf(members.a, "UPDATE photos SET status = 'stored' RETURNING id");
  if (step.makes !== undefined && id !== undefined) {
    made.set(step.makes, [...(made.get(step.makes) ?? []), id]);
  }
  return true;
}
