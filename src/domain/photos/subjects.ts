import { AppError } from "../../protocol/errors.ts";
import { findActivity } from "../activities/store.ts";
import type { MemberContext } from "../context.ts";
import { findDate } from "../dates/store.ts";
import { findNote } from "../notes/store.ts";
import { audience } from "../visibility.ts";
import { photoUpdated } from "./events.ts";
import { removePhoto } from "./removal.ts";
import type { Subject, SubjectKind } from "./schema.ts";
import { listPhotosOf, savePhoto } from "./store.ts";

const FIND = { activity: findActivity, note: findNote, date: findDate } as const satisfies Record<SubjectKind, unknown>;

/**
 * Whether the thing that a photo is of is private. I can see it, so it is private to me.
 * @throws AppError `not_found` when I cannot see such a thing
 */
export function isPrivateSubject(ctx: MemberContext, subject: Subject): boolean {
  const row = FIND[subject.kind](ctx.sql, subject.id, ctx.me.userId);
  if (row === null) throw new AppError("not_found", `No such ${subject.kind}`);
  return row.visibility === "private";
}

/**
 * To be called before an activity, note or date is deleted. My photos of it go with it; those of my partner are not mine
 * to delete, so that they stay and belong to nothing.
 */
export function dropSubject(ctx: MemberContext, kind: SubjectKind, subjectId: string): void {
  for (const row of listPhotosOf(ctx.sql, kind, subjectId)) {
    if (row.authorId === ctx.me.userId) {
      removePhoto(ctx, row);
      continue;
    }
    const free = savePhoto(ctx.sql, { ...row, subjectKind: null, subjectId: null }, ctx.now);
    if (free.status !== "stored") continue;
    ctx.emit(photoUpdated, { fields: ["subject"], version: free.version }, audience(free, free.id));
  }
}
