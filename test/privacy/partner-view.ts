import { env } from "cloudflare:workers";
import { openExport } from "../../src/compliance/export.ts";
import { runInDurableObject } from "cloudflare:test";
import { ACHIEVEMENTS } from "../../src/domain/achievements/catalogue.ts";
import { addDays } from "../../src/domain/calendar.ts";
import { CONTENT } from "../../src/domain/content.ts";
import { listPart } from "../../src/domain/parting/page-store.ts";
import { QUESTION_CATEGORIES } from "../../src/domain/questions/catalogue.ts";
import { registry } from "../../src/domain/registry.ts";
import { newId, type IdKind } from "../../src/protocol/ids.ts";
import { sqlOf } from "../../src/relationship/sql-storage.ts";
import type { TestCouple, TestMember } from "../support/couple.ts";
import { rowsOf } from "../support/object.ts";
import { DAY_MS, dayAt, START, type Results } from "./history.ts";

/** Everything that somebody gets to see, each piece under a name. */
export type View = Map<string, string>;

const PLAIN: readonly { name: string; input: object }[] = registry
  .filter(({ kind }) => kind === "query")
  .map(({ name }) => ({ name, input: {} }));

/** Queries that ask for something particular. Ids are of what both know of. */
function particular(made: Results, today: string): { name: string; input: object }[] {
  const known = (kind: string, name: string, key = "id") =>
    (made.get(kind) ?? []).map((id) => ({ name, input: { [key]: id } }));
  return [
    ...known("activity", "activities.get"),
    ...known("plan", "activities.get"),
    ...known("goal", "goals.get"),
    ...known("date", "dates.get"),
    ...known("conversation", "conversations.get"),
    ...known("note", "notes.get"),
    ...["challenge", "ours"].flatMap((kind) => known(kind, "challenges.get", "participationId")),
    ...(made.get("goal") ?? []).map((id) => ({ name: "insights.why", input: { subject: "goal", id } })),
    ...(made.get("challenge") ?? []).map((id) => ({ name: "insights.why", input: { subject: "challenge", id } })),
    ...["mine", "partners", "ours"].map((each) => ({ name: "insights.why", input: { subject: "streak", of: each } })),
    ...["health", "engagement", "points"].map((subject) => ({ name: "insights.why", input: { subject } })),
    ...ACHIEVEMENTS.map(({ id }) => ({ name: "insights.why", input: { subject: "achievement", id } })),
    { name: "checkins.get", input: { date: today } },
    // Days on which Ada answered alone, in the couple, or both.
    ...[15, 16, 17, 18].map((back) => ({ name: "questions.today", input: { date: addDays(today, -back) } })),
    ...[7, 30, 90].map((days) => ({ name: "insights.trends", input: { days } })),
    { name: "activities.list", input: { status: "completed", limit: 3 } },
    { name: "challenges.list", input: { status: "active" } },
    { name: "inbox.list", input: { unreadOnly: true } },
  ];
}

/** All that `viewer` can ask for, with the sequences that come along. */
export async function answersOf(viewer: TestMember, made: Results, now: number): Promise<View> {
  const view: View = new Map();
  const today = new Date(now).toISOString().slice(0, 10);
  for (const { name, input } of [...PLAIN, ...particular(made, today)]) {
    const reply = await viewer.reply(name, input, { now });
    view.set(`${name} ${JSON.stringify(input)}`, reply.ok ? reply.json : JSON.stringify(reply.error));
  }
  return view;
}

/** What the viewer can take along as a file. */
export async function exportOf(viewer: TestMember, now: number): Promise<View> {
  const { relationshipId, userId } = viewer;
  const view: View = new Map();
  for (const format of ["json", "html"] as const) {
    const exporter = { env, relationshipId, userId, signedInAt: now, now };
    view.set(`export ${format}`, await new Response(await openExport(exporter, format)).text());
  }
  return view;
}

/** What of this object would go with the viewer when both part. */
export async function takenAlong({ relationshipId, userId }: TestMember): Promise<View> {
  const stub = env.RELATIONSHIP.getByName(relationshipId);
  const part = { userId, withJoint: true, after: null, limit: 1_000 };
  return runInDurableObject(stub, (_, { storage }) => {
    const sql = sqlOf(storage);
    return new Map(CONTENT.map((table) => [`part ${table.table}`, JSON.stringify(listPart(sql, table, part))]));
  });
}

/** What the directory counts about the couple, and the viewer's own mail and inbox rows. */
export async function directoryOf(couple: TestCouple): Promise<View> {
  const view: View = new Map();
  for (const [name, sql] of DIRECTORY) {
    const { results } = await env.DB.prepare(sql).bind(couple.relationshipId).all();
    view.set(`directory ${name}`, JSON.stringify(results));
  }
  const inbox = await rowsOf(couple, "SELECT * FROM notifications WHERE user_id = ? ORDER BY id", couple.b.userId);
  view.set("inbox rows", JSON.stringify(inbox));
  const log = await rowsOf(
    couple,
    "SELECT * FROM relationship_events WHERE stream IN ('couple', ?) ORDER BY stream, seq",
    couple.b.userId,
  );
  view.set("log", JSON.stringify(log));
  return view;
}

// Sequences of a flush order rows of one object and are read by nobody. What Ada did alone was counted as hers, then.
const DIRECTORY: readonly (readonly [string, string])[] = [
  [
    "counters",
    `SELECT bucket_at, event_name, user_id, event_count FROM relationship_event_summaries WHERE relationship_id = ?
       AND bucket_at >= ${START} ORDER BY bucket_at, event_name, user_id`,
  ],
  [
    "snapshots",
    `SELECT analytics_date, days_together, average_connection_score, average_satisfaction_score, checkin_streak,
       activities_completed_this_month, goals_completed_this_month, communication_frequency_score,
       overall_health_score, trends FROM relationship_analytics WHERE relationship_id = ? ORDER BY analytics_date`,
  ],
  [
    "scores",
    `SELECT user_id, score_date, engagement_score, checkin_completed, activities_logged, messages_sent, features_used
     FROM engagement_scores WHERE relationship_id = ? AND score_date >= '${dayAt(START - DAY_MS)}' ORDER BY user_id, score_date`,
  ],
  [
    "mail",
    `SELECT kind, subject, text FROM mail_outbox WHERE recipient_user_id IN
       (SELECT user_2_id FROM relationships WHERE id = ?) ORDER BY id`,
  ],
];

/** `view` with ids as they come: two histories that look alike read alike. */
export function comparable(view: View, couple: TestCouple): Record<string, string> {
  const known = new Map<string, string>();
  const renamed = (kind: string, id: string): string => {
    const name = known.get(id) ?? `${kind}#${known.size + 1}`;
    known.set(id, name);
    return name;
  };
  return Object.fromEntries(
    [...view].map(([name, text]) => [
      plain(name, couple, renamed),
      plain(text, couple, renamed).replaceAll(/"(resume|token|ticket)":"[^"]+"/g, '"$1":"…"'),
    ]),
  );
}

const QUESTION_OBJECT = /"question":\{"id":"[^"]*","category":"[^"]*","question":"(?:[^"\\]|\\.)*"\}/g;
const QUESTION_ID = new RegExp(`\\b(${QUESTION_CATEGORIES.join("|")})_\\d\\d\\b`, "g");
const ANSWERS_SECTION = /<section id="daily_answers">[^]*?<\/section>/;

function plain(text: string, couple: TestCouple, renamed: (kind: string, id: string) => string): string {
  return (
    text
      .replaceAll(/"nextCursor":"([\w-]+)"/g, (_, cursor: string) => `"nextCursor":${atob(cursor)}`)
      .replaceAll(couple.a.userId, "ADA")
      .replaceAll(couple.b.userId, "GRACE")
      .replaceAll(couple.relationshipId, "COUPLE")
      // Which question a day has depends on the couple's id, and these are two couples.
      .replaceAll(QUESTION_OBJECT, '"question":"…"')
      .replaceAll(QUESTION_ID, "QUESTION")
      .replace(ANSWERS_SECTION, (section) => section.replaceAll(/ · [^<]*<\/h3>/g, " · …</h3>"))
      .replaceAll(/\b([a-z]+)_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}/g, (id, kind: string) => renamed(kind, id))
  );
}

/** Refusals that `viewer` gets for ids of the other's private things, and for ids that nobody has. */
export async function refusalsFor(
  viewer: TestMember,
  made: Results,
  now: number,
): Promise<{ hidden: string[]; unknown: string[] }> {
  const asks: [string, string, IdKind, string][] = [
    ["p", "activities.get", "activity", "id"],
    ["p.goal", "goals.get", "goal", "id"],
    ["p.date", "dates.get", "date", "id"],
    ["p.talk", "conversations.get", "conversation", "id"],
    ["p.note", "notes.get", "note", "id"],
    ["p.challenge", "challenges.get", "participation", "participationId"],
    ["p.photo", "photos.get", "photo", "id"],
    ["p.note", "notes.delete", "note", "id"],
    ["p", "activities.share", "activity", "id"],
    ["p.off", "activities.cancel", "activity", "id"],
    ["p.talk", "conversations.delete", "conversation", "id"],
  ];
  const [hidden, unknown]: [string[], string[]] = [[], []];
  for (const [kind, name, idKind, key] of asks) {
    for (const id of (made.get(kind) ?? []).slice(0, 2)) {
      hidden.push(JSON.stringify(await viewer.reply(name, { [key]: id }, { now })));
      unknown.push(JSON.stringify(await viewer.reply(name, { [key]: newId(idKind, now) }, { now })));
    }
  }
  return { hidden, unknown };
}
