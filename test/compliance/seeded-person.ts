import { env } from "cloudflare:workers";
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { columnsOf, CONTENT } from "../../src/domain/content.ts";
import { newId, uuidv7 } from "../../src/protocol/ids.ts";
import { createCouple, createSolo, type TestCouple } from "../support/couple.ts";
import { signedInPerson, type Person } from "../support/people.ts";

/** Somebody who has written into everything that there is, with words that occur nowhere else. */
export interface Seeded {
  person: Person;
  partner: Person;
  couple: TestCouple;
  /** In what is the person's own, private and shared. */
  canary: string;
  /** In what both share. */
  jointWords: string;
  photoKey: string;
  now: number;
}

type Step = [name: string, input: object];

function life(today: string, yesterday: string): Step[] {
  return [
    ["checkins.submit", { date: today, mood: 7, connection: 8, gratitudeNote: "Tea" }],
    ["checkins.submit", { date: yesterday, mood: 3, gratitudeNote: "Rain", notesPrivate: true }],
    ["activities.log", { name: "Museum", type: "learning", rating: 9 }],
    ["activities.plan", { name: "Ring", type: "custom", private: true }],
    ["goals.create", { name: "Read", type: "custom", targetCount: 3 }],
    ["goals.create", { name: "Save", type: "custom", targetCount: 2, private: true }],
    ["dates.add", { name: "Kiss", type: "anniversary", date: "2020-06-20" }],
    ["dates.add", { name: "Secret", type: "custom", date: "2021-01-01", private: true }],
    ["dates.create_feed", {}],
    ["conversations.log", { type: "deep_talk", outcome: "positive", topic: "Us" }],
    ["conversations.log", { type: "planning", topic: "Mother", private: true }],
    ["notes.write", { title: "Ours", body: "The lake" }],
    ["notes.write", { title: "Mine", body: "The shore", private: true }],
    ["questions.answer", { text: "The rain on the roof" }],
    ["checkins.set_streaks_hidden", { hidden: true }],
  ];
}

async function play(couple: TestCouple, steps: readonly Step[], now: number): Promise<void> {
  for (const [name, input] of steps) await couple.a.run(name, input, { now, commandId: uuidv7(now) });
  const { id: participationId } = await couple.a.run<{ id: string }>(
    "challenges.start",
    { challengeId: "daily_gratitude_7" },
    { now },
  );
  const entry = { participationId, date: day(now), completed: true, reflection: "Quiet" };
  await couple.a.run("challenges.log_entry", entry, { now });
}

const day = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** A person of a couple, or one who lives alone, with a row of each kind, one in the mail, and one in each table of D1. */
export async function seededPerson(options: { solo?: boolean } = {}): Promise<Seeded> {
  const now = Date.now();
  const [person, partner] = await Promise.all([
    signedInPerson({ name: "Adaliciously", now }),
    signedInPerson({ name: "Grace", now }),
  ]);
  const make = options.solo === true ? createSolo : createCouple;
  const couple = await make({ userIds: [person.userId, partner.userId], createdAt: now - 86_400_000 });
  await play(couple, life(day(now), day(now - 86_400_000)), now);
  if (options.solo !== true)
    await couple.b.run("membership.update_profile", { version: 1, relationshipType: "married" }, { now });
  const canary = `canary-${person.userId.slice(-12)}`;
  const jointWords = `jointwords-${person.userId.slice(-12)}`;
  const photoKey = await storePhoto(couple, canary, now);
  await writeWords(couple, { canary, jointWords });
  await seedDirectory(person, couple, canary, now);
  return { person, partner, couple, canary, jointWords, photoKey, now };
}

async function storePhoto(couple: TestCouple, caption: string, now: number): Promise<string> {
  const id = newId("photo", now);
  const key = `relationships/${couple.relationshipId}/photos/${id}`;
  await env.FILES.put(key, `bytes of ${caption}`);
  await runInDurableObject(env.RELATIONSHIP.getByName(couple.relationshipId), (_, state) => {
    state.storage.sql
      .exec(
        `INSERT INTO photos (id, user_id, object_key, content_type, size_bytes, caption, status, visibility, created_at, updated_at)
         VALUES (?, ?, ?, 'image/jpeg', 10, ?, 'stored', 'shared', ?, ?)`,
        id,
        couple.a.userId,
        key,
        caption,
        now,
        now,
      )
      .toArray();
  });
  return key;
}

/** Puts the telling words wherever a person can write any. */
async function writeWords(couple: TestCouple, words: { canary: string; jointWords: string }): Promise<void> {
  await runInDurableObject(env.RELATIONSHIP.getByName(couple.relationshipId), (_, state) => {
    for (const table of CONTENT) {
      const [author = ""] = columnsOf(table, "author");
      for (const column of columnsOf(table, "words").filter((name) => name !== "photos")) {
        const own = table.belongs === "own" ? "1" : "visibility = 'private'";
        state.storage.sql
          .exec(
            `UPDATE ${table.table} SET ${column} = iif(${own}, ?, ?) WHERE ${author} = ?`,
            words.canary,
            words.jointWords,
            couple.a.userId,
          )
          .toArray();
      }
    }
  });
}

async function seedDirectory(person: Person, couple: TestCouple, canary: string, now: number): Promise<void> {
  const { userId, email } = person;
  const id = uuidv7(now);
  const at = new Date(now).toISOString();
  const rel = couple.relationshipId;
  const run = (sql: string, ...binds: unknown[]) => env.DB.prepare(sql).bind(...binds);
  await env.DB.batch([
    run("UPDATE users SET phone_number = '+351912345678', nickname = ? WHERE id = ?", canary, userId),
    run(
      "INSERT INTO accounts (id, user_id, provider_id, account_id, password, created_at, updated_at) VALUES (?1, ?2, 'credential', ?2, 'x:y', ?3, ?3)",
      id,
      userId,
      at,
    ),
    run(
      "INSERT INTO verifications (id, identifier, value, expires_at, created_at, updated_at) VALUES (?1, 'x', ?2, ?3, ?3, ?3)",
      id,
      userId,
      at,
    ),
    run("INSERT INTO recovery_settings VALUES (?, ?)", userId, now),
    run(
      "INSERT INTO mail_outbox (id, idempotency_key, kind, recipient_user_id, recipient_email, subject, html, due_at, created_at) VALUES (?1, ?1, 'x', ?2, ?3, ?4, ?4, ?5, ?5)",
      id,
      userId,
      email,
      canary,
      now + 1e12,
    ),
    run(
      "INSERT INTO mail_outbox (id, idempotency_key, kind, recipient_email, caused_by_user_id, subject, html, due_at, created_at) VALUES (?1, ?1, 'partner_invitation', 'somebody@people.test', ?2, 'x', ?3, ?4, ?4)",
      newId("mail", now),
      userId,
      `${canary} invites you`,
      now + 1e12,
    ),
    run("INSERT INTO mail_suppressions VALUES (?, 'manual', ?)", email, now),
    run("INSERT INTO code_entry_attempts VALUES (?, 1, NULL, ?)", userId, now),
    run(
      "INSERT INTO partner_invitations (id, relationship_id, inviter_user_id, invitee_email, token_hash, status, message, expires_at, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?1, 'pending', ?4, ?5, ?5, ?5)",
      id,
      rel,
      userId,
      canary,
      now + 1e9,
    ),
    run(
      "INSERT INTO analytics_events (id, event_name, event_category, user_id, event_data, created_at) VALUES (?1, 'x', 'system', ?2, json_quote(?3), ?4)",
      id,
      userId,
      canary,
      now,
    ),
    run(
      "INSERT INTO page_views (id, user_id, session_id, page_path, created_at) VALUES (?1, ?2, 's', '/', ?3)",
      id,
      userId,
      now,
    ),
    run(
      "INSERT INTO error_logs (id, error_type, error_message, user_id, created_at) VALUES (?1, 'x', ?2, ?3, ?4)",
      id,
      canary,
      userId,
      now,
    ),
    run(
      "INSERT INTO engagement_scores (user_id, relationship_id, score_date, engagement_score, created_at, updated_at) VALUES (?, ?, '2026-01-01', 1, 1, 1)",
      userId,
      rel,
    ),
    run(
      "INSERT INTO relationship_event_summaries VALUES (?, ?, 'x', ?, 1, 1, 1, ?)",
      rel,
      now - (now % 3_600_000),
      userId,
      now,
    ),
  ]);
}

/** Lets the object do what it has planned for now. */
export async function settle(relationshipId: string): Promise<void> {
  const stub = env.RELATIONSHIP.getByName(relationshipId);
  for (let turn = 0; turn < 3; turn++) {
    try {
      if (!(await runDurableObjectAlarm(stub))) return;
    } catch {
      // Whoever destroys itself ends this call with it.
      return;
    }
  }
}
