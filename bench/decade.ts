import { ACHIEVEMENTS } from "../src/domain/achievements/catalogue.ts";

/** What a couple leaves behind in so many days, as SQL that runs in its object: commands would take an hour. */
export interface History {
  days: number;
  /** Activities that were done. */
  activities: number;
  /** Events in the couple's log, before anything is cut from it. */
  events: number;
  /** Activities without a day that wait to be completed, for whoever measures that. */
  plans?: number;
}

/** The challenge that such a couple has begun today. */
export const CHALLENGE_ID = "part_0190f3a0-0000-7000-8000-000000000001";

/** The id of one of a history's `plans`; they are counted from 1. */
export function planId(number: number): string {
  return `${PLAN_PREFIX}${String(number).padStart(12, "0")}`;
}

const PLAN_PREFIX = "act_0190f3a0-0000-7000-8000-";

/** Ten years without a gap: 7,300 check-ins, 4,000 activities, 50,000 events. */
export const DECADE: History = { days: 3_650, activities: 4_000, events: 50_000 };
/** The first month of the same couple, with as many things open. */
export const MONTH: History = { days: 30, activities: 30, events: 400 };

interface SeedStatement {
  sql: string;
  binds: (string | number)[];
}

const NOTE = "That you made tea before I was awake, and the long walk home along the river in the rain";

// "day" counts back from today, which is not entered yet.
const DAYS = "WITH RECURSIVE day (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM day WHERE n < CAST(?1 AS INTEGER))";

/** The statements that give both of `userIds` such a history up to the day before `today`, at `now` (epoch ms). */
export function seedStatements(
  history: History,
  userIds: readonly [string, string],
  today: string,
  now: number,
): SeedStatement[] {
  const [a, b] = userIds;
  const { days, activities, events } = history;
  return [
    ...userIds.map((userId) => ({
      sql: `${DAYS} INSERT INTO daily_checkins (id, user_id, checkin_date, connection_score, mood_score,
          relationship_satisfaction, gratitude_note, support_needed, highlight_of_day, visibility, notes_visibility,
          created_at, updated_at)
        SELECT 'chk_' || n || ?2, ?2, date(?3, '-' || n || ' days'), 1 + n % 10, 1 + n % 7, 1 + n % 9, ?4, ?4, ?4,
          'shared', 'shared', 1, 1 FROM day`,
      binds: [days, userId, today, NOTE],
    })),
    {
      sql: `${DAYS} INSERT INTO activities (id, activity_name, activity_type, description, planned_date, completed_date,
          duration_minutes, notes, status, created_by_user_id, visibility, created_at, updated_at)
        SELECT printf('act_%08d', n), 'An evening together', iif(n % 3, 'date_night', 'adventure'), ?4,
          date(?2, '-' || (n * CAST(?5 AS INTEGER) / CAST(?1 AS INTEGER)) || ' days'),
          date(?2, '-' || (n * CAST(?5 AS INTEGER) / CAST(?1 AS INTEGER)) || ' days'), 90, ?4, 'completed', ?3, 'joint', 1, 1
        FROM day`,
      binds: [activities, today, a, NOTE, days],
    },
    {
      sql: `${DAYS} INSERT INTO relationship_events (stream, seq, name, actor_id, occurred_at, subject_id, data, counted)
        SELECT 'couple', n, 'checkin.submitted', iif(n % 2, ?2, ?3),
          CAST(?4 - (CAST(?1 AS INTEGER) - n) * (CAST(?5 AS INTEGER) * 86400000 / CAST(?1 AS INTEGER)) AS INTEGER),
          'chk_0190f3a0-0000-7000-8000-000000000000',
          '{"date":"2026-01-01","isNew":true,"lateDays":0,"completesDay":false}', 1 FROM day`,
      binds: [events, a, b, now, days],
    },
    {
      sql: `${DAYS} INSERT INTO notifications (id, user_id, notification_type, title, message, is_read, read_at, created_at)
        SELECT printf('ntf_%013x-', ?3 - n * 86400000) || n, ?2, 'checkin', 'New check-in', 'Your partner has checked in.',
          1, 1, ?3 - n * 86400000 FROM day`,
      binds: [days, a, now],
    },
    {
      sql: `${DAYS} INSERT INTO communication_log (id, communication_type, topic, initiated_by_user_id, communication_date,
          visibility, created_at, updated_at)
        SELECT printf('conv_%08d', n), 'deep_talk', ?4, ?2, date(?3, '-' || n || ' days'), 'shared', 1, 1
        FROM day WHERE n % 4 = 0`,
      binds: [days, a, today, NOTE],
    },
    ...openThings(a, today),
    ...(history.plans === undefined ? [] : [waitingPlans(history.plans, a)]),
    ...records(events, days, today),
  ];
}

/** As many as the home screen shows, whoever the couple is. */
function openThings(userId: string, today: string): SeedStatement[] {
  return [
    {
      sql: `${DAYS} INSERT INTO activities (id, activity_name, activity_type, planned_date, status, created_by_user_id,
          visibility, created_at, updated_at)
        SELECT printf('plan_%08d', n), 'The theatre', 'date_night', date(?2, n || ' days'), 'planned', ?3, 'joint', 1, 1
        FROM day`,
      binds: [5, today, userId],
    },
    {
      sql: `${DAYS} INSERT INTO shared_goals (id, goal_name, goal_type, target_count, status, start_date, target_date,
          created_by_user_id, visibility, created_at, updated_at)
        SELECT printf('goal_%08d', n), 'Cook something new', 'monthly', 4, 'active', ?2, date(?2, n || ' days'), ?3,
          'joint', 1, 1 FROM day`,
      binds: [5, today, userId],
    },
    {
      sql: `${DAYS} INSERT INTO important_dates (id, date_value, event_name, event_type, is_recurring, recurrence_pattern,
          created_by_user_id, visibility, created_at, updated_at)
        SELECT printf('date_%08d', n), date(?2, '-4000 days', (n * 15) || ' days'), 'Our day', 'anniversary', 1, 'yearly',
          ?3, 'joint', 1, 1 FROM day`,
      binds: [20, today, userId],
    },
    {
      sql: `INSERT INTO challenge_participation (id, challenge_id, start_date, target_end_date, status,
          created_by_user_id, visibility, created_at, updated_at)
        VALUES (?1, 'quality_time_30', ?2, date(?2, '30 days'), 'active', ?3, 'joint', 1, 1)`,
      binds: [CHALLENGE_ID, today, userId],
    },
  ];
}

function waitingPlans(count: number, userId: string): SeedStatement {
  return {
    sql: `${DAYS} INSERT INTO activities (id, activity_name, activity_type, status, created_by_user_id, visibility,
        created_at, updated_at)
      SELECT ?2 || printf('%012d', n), 'Some time', 'date_night', 'planned', ?3, 'joint', 1, 1 FROM day`,
    binds: [count, PLAN_PREFIX, userId],
  };
}

/** What rules and flushes wrote: all achievements, also of the new couple, since nothing may differ but the length; what was sent, and how far the log has been counted. */
function records(events: number, days: number, today: string): SeedStatement[] {
  const earned = JSON.stringify(ACHIEVEMENTS.map(({ id, points }) => ({ id, points })));
  return [
    {
      sql: `INSERT INTO user_achievements (id, achievement_id, earned_date, earned_at)
        SELECT 'awd_' || (value ->> 'id'), value ->> 'id', ?2, 1 FROM json_each(?1)`,
      binds: [earned, today],
    },
    {
      sql: `INSERT INTO points (id, points, reason, subject_id, created_at)
        SELECT 'pt_' || (value ->> 'id'), value ->> 'points', 'achievement', value ->> 'id', 1 FROM json_each(?1)`,
      binds: [earned],
    },
    {
      sql: "INSERT OR REPLACE INTO summary_cursors (stream, seq) VALUES ('couple', CAST(?1 AS INTEGER))",
      binds: [events],
    },
    {
      sql: `${DAYS} INSERT INTO snapshot_dates (analytics_date, source_seq, flushed_seq)
        SELECT date(?2, '-' || n || ' days'), 1, 1 FROM day WHERE true ON CONFLICT DO NOTHING`,
      binds: [days, today],
    },
  ];
}
