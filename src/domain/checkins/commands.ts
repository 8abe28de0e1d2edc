import { assert } from "../../lib/assert.ts";
import { AppError } from "../../protocol/errors.ts";
import { editConflict } from "../blind-edits.ts";
import { defineCommand } from "../command.ts";
import type { MemberContext } from "../context.ts";
import { editTexts } from "../edits.ts";
import { notificationCreated, notify } from "../inbox/notify.ts";
import { checkinSubmitted } from "./events.ts";
import { queries } from "./queries.ts";
import { ENTRY_WINDOW_DAYS, requireLateDays } from "./rules.ts";
import { NOTE_LIMITS, submitInput, submitOutput, type NoteField, type SubmitInput } from "./schema.ts";
import { commands as sharing } from "./sharing.ts";
import { findOwnCheckin, SENT, toCheckin, upsertCheckin, type UpsertedRow } from "./store.ts";

const submit = defineCommand({
  name: "checkins.submit",
  summary: "Check in for a day, or edit that day's check-in: what is absent stays, null clears",
  input: submitInput,
  output: submitOutput,
  events: [checkinSubmitted, notificationCreated],
  run(ctx, sent) {
    const lateDays = requireLateDays(sent.date, ctx.today, sent.offline);
    const input = sent.version === undefined ? sent : merged(ctx, sent);
    const row = write(ctx, input, lateDays);
    ctx.closedMonths.changed(input.date);
    const isNew = row.version === 1;
    const completesDay = isNew && row.visibility === "shared" && row.partnerDone === 1;
    ctx.emit(
      checkinSubmitted,
      { date: input.date, isNew, lateDays: row.lateDays, completesDay },
      isOwnMatter(input, row) ? { subjectId: row.id, to: ctx.me.userId } : { subjectId: row.id },
    );
    touchMetrics(ctx, input, row, isNew, completesDay);
    if (isNew && ctx.partner !== null && row.lateDays <= ENTRY_WINDOW_DAYS) {
      notify(ctx, {
        userId: ctx.partner.userId,
        type: "checkin",
        title: "New check-in",
        message: "Your partner has checked in.",
        actionUrl: `/checkins/${input.date}`,
        subjectId: row.id,
      });
    }
    const isPrivate = row.visibility === "private";
    return {
      id: row.id,
      date: input.date,
      isNew,
      lateDays: row.lateDays,
      completesDay,
      isPrivate,
      version: row.version,
    };
  },
});

function write(ctx: MemberContext, input: SubmitInput, lateDays: number): UpsertedRow {
  const row = upsertCheckin(ctx.sql, {
    id: ctx.newId("checkin"),
    userId: ctx.me.userId,
    date: input.date,
    connection: input.connection ?? null,
    mood: input.mood ?? null,
    satisfaction: input.satisfaction ?? null,
    gratitudeNote: noteOf(input.gratitudeNote),
    supportNeeded: noteOf(input.supportNeeded),
    highlight: noteOf(input.highlight),
    visibility: ctx.solo ? "private" : "shared",
    notesVisibility: input.notesPrivate === true ? "private" : "shared",
    lateDays,
    sent: sentFields(input),
    now: ctx.now,
    partnerId: ctx.partner?.userId ?? null,
    isBlind: input.version === undefined,
  });
  if (row === null) {
    const current = findOwnCheckin(ctx.sql, ctx.me.userId, input.date);
    assert(current !== null, "only an edit can lose a note");
    throw editConflict(toCheckin(current, ctx.me.userId));
  }
  if (row.isEmpty === 1) {
    throw new AppError("invalid_input", "A check-in says something: a score or a note", {
      issues: [{ path: "connection", message: "At least one score or note must remain" }],
    });
  }
  return row;
}

/**
 * `input` with notes that lose nothing of what another device of mine wrote since the version that it began from.
 * @throws AppError `edit_conflict` with the current check-in, unless both are to be kept
 */
function merged(ctx: MemberContext, input: SubmitInput): SubmitInput {
  const row = findOwnCheckin(ctx.sql, ctx.me.userId, input.date);
  if (row === null) throw new AppError("not_found", "There is no check-in of that date to edit");
  const texts = editTexts(row, input, NOTE_LIMITS, () => toCheckin(row, ctx.me.userId));
  const kept = (field: NoteField) => (texts[field] === row[field] ? undefined : texts[field]);
  return {
    ...input,
    gratitudeNote: kept("gratitudeNote"),
    supportNeeded: kept("supportNeeded"),
    highlight: kept("highlight"),
  };
}

/** A note of spaces says nothing, and must not count as gratitude. */
function noteOf(note: string | null | undefined): string | null {
  return note === null || note === undefined || note.trim() === "" ? null : note;
}

function sentFields(input: SubmitInput): number {
  let sent = 0;
  if (input.connection !== undefined) sent |= SENT.connection;
  if (input.mood !== undefined) sent |= SENT.mood;
  if (input.satisfaction !== undefined) sent |= SENT.satisfaction;
  if (input.gratitudeNote !== undefined) sent |= SENT.gratitudeNote;
  if (input.supportNeeded !== undefined) sent |= SENT.supportNeeded;
  if (input.highlight !== undefined) sent |= SENT.highlight;
  if (input.notesPrivate !== undefined) sent |= SENT.notesPrivate;
  return sent;
}

/** Whether the partner must not learn that this write happened: a private row, or an edit of private notes only. */
function isOwnMatter(input: SubmitInput, row: UpsertedRow): boolean {
  if (row.visibility === "private") return true;
  const onlyNotes = (sentFields(input) & (SENT.connection | SENT.mood | SENT.satisfaction | SENT.notesPrivate)) === 0;
  return row.version > 1 && row.notesVisibility === "private" && onlyNotes;
}

function touchMetrics(
  ctx: MemberContext,
  input: SubmitInput,
  row: UpsertedRow,
  isNew: boolean,
  completesDay: boolean,
): void {
  if (row.visibility === "private" && !ctx.solo) return;
  if (isNew) ctx.touch("checkin_days");
  // A day of the couple's counts when both have checked in, so the first of the two moves neither of these.
  if (row.lateDays <= ENTRY_WINDOW_DAYS && (completesDay || (isNew && ctx.solo)))
    ctx.touch("couple_streak", "perfect_days");
  const noteMoved = input.gratitudeNote !== undefined || input.notesPrivate !== undefined;
  if (noteMoved && row.hasGratitude === 1 && (ctx.solo || row.notesVisibility === "shared"))
    ctx.touch("gratitude_dates");
}

export const operations = [submit, ...sharing, ...queries];
