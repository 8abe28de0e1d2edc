/**
 * Everything that members write, table by table and column by column, and whose it is. What moves with a person, what
 * an export holds, what an operator's look masks and what an erasure deletes are all read from here and nowhere else.
 */

/**
 * - `key`: tells the rows of one author apart, in this order;
 * - `author`: whose row it is; of a joint row, who made it;
 * - `words`: what a person wrote, and links to what they made;
 * - `fact`: a number, date or choice;
 * - `keeping`: versions, times, and other bookkeeping of ours.
 */
export type ColumnClass = "key" | "author" | "words" | "fact" | "keeping";

export interface ContentTable {
  table: string;
  /** `own` rows are their author's, private or shared; `joint` rows belong to both, whoever made them. */
  belongs: "own" | "joint";
  columns: Readonly<Record<string, ColumnClass>>;
}

const MADE = {
  row_version: "keeping",
  text_versions: "keeping",
  created_at: "keeping",
  updated_at: "keeping",
} as const;

/** Parents come before their children, so that rows can be inserted in this order and deleted in the opposite one. */
export const CONTENT: readonly ContentTable[] = [
  {
    table: "daily_checkins",
    belongs: "own",
    columns: {
      id: "keeping",
      user_id: "author",
      checkin_date: "key",
      connection_score: "fact",
      mood_score: "fact",
      relationship_satisfaction: "fact",
      gratitude_note: "words",
      support_needed: "words",
      highlight_of_day: "words",
      visibility: "fact",
      notes_visibility: "fact",
      late_days: "fact",
      import_id: "keeping",
      ...MADE,
    },
  },
  {
    table: "activities",
    belongs: "joint",
    columns: {
      id: "key",
      activity_name: "words",
      activity_type: "fact",
      description: "words",
      location: "words",
      planned_date: "fact",
      completed_date: "fact",
      duration_minutes: "fact",
      cost_cents: "fact",
      currency: "fact",
      satisfaction_rating_user1: "fact",
      satisfaction_rating_user2: "fact",
      notes: "words",
      photos: "words",
      status: "fact",
      created_by_user_id: "author",
      former_author: "fact",
      visibility: "fact",
      import_id: "keeping",
      ...MADE,
    },
  },
  {
    table: "shared_goals",
    belongs: "joint",
    columns: {
      id: "key",
      goal_name: "words",
      goal_description: "words",
      goal_type: "fact",
      target_count: "fact",
      current_progress: "fact",
      status: "fact",
      start_date: "fact",
      target_date: "fact",
      completion_date: "fact",
      created_by_user_id: "author",
      former_author: "fact",
      visibility: "fact",
      ...MADE,
    },
  },
  {
    table: "important_dates",
    belongs: "joint",
    columns: {
      id: "key",
      date_value: "fact",
      event_name: "words",
      event_type: "fact",
      description: "words",
      is_recurring: "fact",
      recurrence_pattern: "fact",
      recurrence_interval: "fact",
      leap_day: "fact",
      reminder_days_before: "fact",
      created_by_user_id: "author",
      former_author: "fact",
      visibility: "fact",
      import_id: "keeping",
      ...MADE,
    },
  },
  {
    table: "communication_log",
    belongs: "own",
    columns: {
      id: "key",
      communication_type: "fact",
      topic: "words",
      description: "words",
      outcome: "fact",
      duration_minutes: "fact",
      initiated_by_user_id: "author",
      communication_date: "fact",
      follow_up_needed: "fact",
      follow_up_date: "fact",
      reminded_follow_up_date: "keeping",
      visibility: "fact",
      ...MADE,
    },
  },
  {
    table: "challenge_participation",
    belongs: "joint",
    columns: {
      id: "key",
      challenge_id: "fact",
      start_date: "fact",
      target_end_date: "fact",
      actual_end_date: "fact",
      status: "fact",
      paused_date: "fact",
      pauses: "fact",
      progress_percentage: "fact",
      completion_notes: "words",
      created_by_user_id: "author",
      former_author: "fact",
      visibility: "fact",
      ...MADE,
    },
  },
  {
    table: "challenge_entries",
    belongs: "own",
    columns: {
      id: "key",
      participation_id: "fact",
      user_id: "author",
      entry_date: "fact",
      entry_content: "words",
      reflection: "words",
      completion_status: "fact",
      visibility: "fact",
      ...MADE,
    },
  },
  {
    table: "daily_answers",
    belongs: "own",
    columns: {
      id: "key",
      user_id: "author",
      question_date: "fact",
      question_id: "fact",
      answer: "words",
      visibility: "fact",
      ...MADE,
    },
  },
  {
    table: "notes",
    belongs: "own",
    columns: {
      id: "key",
      user_id: "author",
      note_date: "fact",
      title: "words",
      body: "words",
      visibility: "fact",
      ...MADE,
    },
  },
  {
    table: "photos",
    belongs: "own",
    columns: {
      id: "key",
      user_id: "author",
      subject_kind: "fact",
      subject_id: "fact",
      object_key: "keeping",
      content_type: "fact",
      size_bytes: "fact",
      caption: "words",
      status: "fact",
      visibility: "fact",
      ...MADE,
    },
  },
];

/** The columns of `table` that are of `wanted`, in the table's order. */
export function columnsOf(table: ContentTable, wanted: ColumnClass): string[] {
  return Object.entries(table.columns).flatMap(([column, is]) => (is === wanted ? [column] : []));
}
