import * as z from "zod";
import { AppError } from "../../protocol/errors.ts";
import { defineCommand, defineQuery } from "../command.ts";
import type { MemberContext } from "../context.ts";
import { editTexts } from "../edits.ts";
import { defineEvent } from "../events.ts";
import { decodeCursor, page } from "../paging.ts";
import { photoDeleted, photoUpdated } from "../photos/events.ts";
import { dropSubject } from "../photos/subjects.ts";
import { audience, requireShareable, sharedVisibility } from "../visibility.ts";
import {
  deletedSchema,
  listInput,
  NOTE_TEXT_LIMITS,
  noteIdInput,
  notePage,
  noteSchema,
  NOTES_PER_MEMBER,
  updateInput,
  writeInput,
} from "./schema.ts";
import { countNotes, deleteNote, findNote, insertNote, listNotes, saveNote, toNote, type NoteRow } from "./store.ts";

const noteFacts = z.strictObject({ date: z.string() });
const noteWritten = defineEvent("note.written", "A member wrote a note", noteFacts);
const noteShared = defineEvent("note.shared", "A member shared a note that was private", noteFacts);
const noteUpdated = defineEvent(
  "note.updated",
  "A member changed a note",
  z.strictObject({ fields: z.array(z.string()), version: z.int() }),
);
const noteDeleted = defineEvent("note.deleted", "A member deleted a note", z.strictObject({}));

function requireNote(ctx: MemberContext, id: string): NoteRow {
  const row = findNote(ctx.sql, id, ctx.me.userId);
  if (row === null) throw new AppError("not_found", "No such note");
  return row;
}

/** A note speaks for its author: the partner may read it where it is shared, and no more. */
function requireMyNote(ctx: MemberContext, id: string): NoteRow {
  const row = requireNote(ctx, id);
  if (row.authorId !== ctx.me.userId) throw new AppError("forbidden", "Only its author can change a note");
  return row;
}

const noteWrite = defineCommand({
  name: "notes.write",
  summary: "Write a note, for both of us or for myself",
  input: writeInput,
  output: noteSchema,
  events: [noteWritten],
  run(ctx, input) {
    // Counted by author, so that a full drawer says nothing about the partner's.
    if (countNotes(ctx.sql, ctx.me.userId) >= NOTES_PER_MEMBER) {
      throw new AppError("quota_exceeded", `A member keeps at most ${NOTES_PER_MEMBER} notes`);
    }
    const row: NoteRow = {
      id: ctx.newId("note"),
      date: input.date ?? ctx.today,
      title: input.title ?? null,
      body: input.body,
      authorId: ctx.me.userId,
      visibility: sharedVisibility(ctx, input.private),
      version: 1,
      textVersions: "{}",
      createdAt: ctx.now,
      updatedAt: ctx.now,
    };
    insertNote(ctx.sql, row);
    ctx.emit(noteWritten, { date: row.date }, audience(row, row.id));
    return toNote(row);
  },
});

const noteUpdate = defineCommand({
  name: "notes.update",
  summary: "Change a note of mine; a field that is absent stays, null clears it",
  input: updateInput,
  output: noteSchema,
  events: [noteUpdated],
  run(ctx, { id, ...edit }) {
    const before = requireMyNote(ctx, id);
    const texts = editTexts(before, edit, NOTE_TEXT_LIMITS, () => toNote(before));
    // The schema has no null for a body.
    const body = texts.body ?? before.body;
    const row = saveNote(ctx.sql, { ...before, ...texts, body, date: edit.date ?? before.date }, ctx.now);
    const fields = (["date", "title", "body"] as const).filter((field) => edit[field] !== undefined);
    ctx.emit(noteUpdated, { fields, version: row.version }, audience(row, row.id));
    return toNote(row);
  },
});

const noteShare = defineCommand({
  name: "notes.share",
  summary: "Show a private note of mine to my partner, for ever; photos on it stay as they are",
  input: noteIdInput,
  output: noteSchema,
  events: [noteShared],
  run(ctx, input) {
    const before = requireNote(ctx, input.id);
    requireShareable(ctx, before);
    const row = saveNote(ctx.sql, { ...before, visibility: "shared" }, ctx.now);
    ctx.emit(noteShared, { date: row.date }, { subjectId: row.id });
    return toNote(row);
  },
});

const noteDelete = defineCommand({
  name: "notes.delete",
  summary: "Delete a note of mine, and my photos on it",
  input: noteIdInput,
  output: deletedSchema,
  events: [noteDeleted, photoDeleted, photoUpdated],
  run(ctx, input) {
    const row = requireMyNote(ctx, input.id);
    dropSubject(ctx, "note", row.id);
    deleteNote(ctx.sql, row.id);
    ctx.emit(noteDeleted, {}, audience(row, row.id));
    return { id: row.id };
  },
});

const noteGet = defineQuery({
  name: "notes.get",
  summary: "One note",
  input: noteIdInput,
  output: noteSchema,
  run(ctx, input) {
    return toNote(requireNote(ctx, input.id));
  },
});

const noteList = defineQuery({
  name: "notes.list",
  summary: "Our notes, newest first",
  input: listInput,
  output: notePage,
  run(ctx, input) {
    const key = decodeCursor(input.cursor, ["string"]);
    const rows = listNotes(ctx.sql, {
      viewerId: ctx.me.userId,
      authorId: input.mine ? ctx.me.userId : null,
      beforeId: key === null ? null : String(key[0]),
      limit: input.limit + 1,
    });
    return page(rows, input.limit, (row) => [row.id], toNote);
  },
});

export const operations = [noteWrite, noteUpdate, noteShare, noteDelete, noteGet, noteList];
