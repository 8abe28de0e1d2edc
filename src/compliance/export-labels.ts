import { findChallenge } from "../domain/challenges/catalogue.ts";
import type { ContentRow } from "../domain/export/store.ts";
import { findQuestion } from "../domain/questions/catalogue.ts";

/** How the rows of one table are shown to a reader. */
export interface Section {
  title: string;
  /** The columns of a row's heading: its day and its name. */
  day: readonly string[];
  name?: string;
}

export const SECTIONS: Readonly<Record<string, Section>> = {
  daily_checkins: { title: "Check-ins", day: ["checkin_date"] },
  activities: { title: "Activities", day: ["completed_date", "planned_date"], name: "activity_name" },
  shared_goals: { title: "Goals", day: ["start_date"], name: "goal_name" },
  important_dates: { title: "Important dates", day: ["date_value"], name: "event_name" },
  communication_log: { title: "Conversations", day: ["communication_date"], name: "topic" },
  challenge_participation: { title: "Challenges", day: ["start_date"], name: "challenge_id" },
  challenge_entries: { title: "Challenge entries", day: ["entry_date"], name: "participation_id" },
  daily_answers: { title: "Questions and answers", day: ["question_date"], name: "question_id" },
  notes: { title: "Notes", day: ["note_date"], name: "title" },
  photos: { title: "Photos", day: [], name: "caption" },
};

/** Shown otherwise, or of no use to a reader. */
const UNSHOWN = new Set(["id", "visibility", "photos", "pauses", "currency", "former_author", "is_recurring"]);
const RECURRING = new Set(["recurrence_pattern", "recurrence_interval", "leap_day"]);
const YES_NO = new Set(["follow_up_needed", "completion_status"]);
const TIMES = new Set(["created_at", "updated_at"]);
const LABELS: Readonly<Record<string, string>> = {
  connection_score: "Connection",
  mood_score: "Mood",
  relationship_satisfaction: "Satisfaction",
  highlight_of_day: "Highlight",
  late_days: "Days late",
  goal_description: "Description",
  goal_type: "Kind",
  activity_type: "Kind",
  event_type: "Kind",
  communication_type: "Kind",
  duration_minutes: "Minutes",
  cost_cents: "Cost",
  completion_status: "Done",
  entry_content: "Entry",
  progress_percentage: "Progress in percent",
  size_bytes: "Bytes",
  subject_id: "Of",
  created_at: "Written",
  updated_at: "Last changed",
};

/** Names of things by their ids, as rows go by: what points at them comes later. */
export type Names = Map<string, string>;

export interface Line {
  label: string;
  value: string;
}

/** What a reader sees of `row` below its heading, in the table's order. What is empty, or 0 days late, is left out. */
export function linesOf(section: Section, row: ContentRow, names: Names, raters: readonly string[]): Line[] {
  const inHeading = new Set([
    ...section.day.filter((column) => row[column] === dayOf(section, row)),
    section.name ?? "",
  ]);
  return Object.entries(row).flatMap(([column, value]) => {
    if (value === null || value === "" || UNSHOWN.has(column) || inHeading.has(column)) return [];
    if (column === "updated_at" && value === row["created_at"]) return [];
    if (row["is_recurring"] === 0 && RECURRING.has(column)) return [];
    if (/user_id$|_visibility$/.test(column) || (column === "late_days" && value === 0)) return [];
    return [{ label: labelOf(column, raters), value: valueOf(column, value, row, names) }];
  });
}

export function dayOf(section: Section, row: ContentRow): string | null {
  const column = section.day.find((each) => row[each] !== null && row[each] !== undefined);
  return column === undefined ? null : String(row[column]);
}

/** The row's name, which what comes later may point at. */
export function nameOf(section: Section, row: ContentRow, names: Names): string | null {
  const value = section.name === undefined ? null : (row[section.name] ?? null);
  if (value === null || value === "") return null;
  return valueOf(section.name ?? "", value, row, names);
}

function labelOf(column: string, raters: readonly string[]): string {
  const slot = /^satisfaction_rating_user([12])$/.exec(column)?.[1];
  if (slot !== undefined) return `Rated by ${raters[Number(slot) - 1] ?? "the other"}`;
  return LABELS[column] ?? sentence(column);
}

function valueOf(column: string, value: string | number, row: ContentRow, names: Names): string {
  if (column === "challenge_id") return findChallenge(String(value))?.name ?? sentence(String(value));
  if (column === "question_id") return findQuestion(String(value))?.question ?? sentence(String(value));
  if (column === "participation_id" || column === "subject_id") return names.get(String(value)) ?? "";
  if (column === "cost_cents") return `${(Number(value) / 100).toFixed(2)} ${row["currency"] ?? ""}`.trim();
  if (YES_NO.has(column)) return value === 1 ? "yes" : "no";
  if (TIMES.has(column)) return timeText(Number(value));
  const isChoice = /_type$|^status$|^outcome$|_pattern$|_kind$|^leap_day$/.test(column);
  return isChoice ? String(value).replaceAll("_", " ") : String(value);
}

/** A UTC time to the minute. */
export function timeText(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** "deep_talk" as "Deep talk". */
export function sentence(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
