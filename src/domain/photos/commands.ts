import type * as z from "zod";
import { AppError } from "../../protocol/errors.ts";
import { defineCommand, defineQuery } from "../command.ts";
import type { MemberContext } from "../context.ts";
import { editTexts } from "../edits.ts";
import { decodeCursor, page } from "../paging.ts";
import { audience, requireShareable, sharedVisibility } from "../visibility.ts";
import { ADDRESS_TTL_MS, photoAddress } from "./address.ts";
import { photoDeleted, photoShared, photoStored, photoUpdated } from "./events.ts";
import { photoUsage, requireRoom } from "./quota.ts";
import { removePhoto } from "./removal.ts";
import {
  addressSchema,
  CAPTION_LIMITS,
  deletedSchema,
  listInput,
  photoIdInput,
  photoPage,
  photoSchema,
  reservedSchema,
  reserveInput,
  updateInput,
  usageInput,
  usageSchema,
  type Subject,
} from "./schema.ts";
import { findPhoto, insertPhoto, listPhotos, savePhoto, toPhoto, type PhotoRow } from "./store.ts";
import { isPrivateSubject } from "./subjects.ts";
import { EXPIRE_JOB, photoKey, UPLOAD_TTL_MS, uploadPath } from "./upload.ts";

/** A photo that is there and that I may see. One that still waits for its bytes is there for nobody. */
function requireStored(ctx: MemberContext, id: string): PhotoRow {
  const row = findPhoto(ctx.sql, id);
  const isMine = row?.authorId === ctx.me.userId;
  if (row === null || row.status !== "stored" || (row.visibility === "private" && !isMine)) {
    throw new AppError("not_found", "No such photo");
  }
  return row;
}

function requireMine(ctx: MemberContext, row: PhotoRow): PhotoRow {
  if (row.authorId !== ctx.me.userId) throw new AppError("forbidden", "Only its author can change a photo");
  return row;
}

function subjectOf({ subjectKind, subjectId }: PhotoRow): Subject | null {
  return subjectKind === null || subjectId === null ? null : ({ kind: subjectKind, id: subjectId } as Subject);
}

/** A place for a photo. On a thing that is private it is private, too, or it would tell of the thing. */
function newPhoto(ctx: MemberContext, input: z.output<typeof reserveInput>): PhotoRow {
  const hidden = input.private || (input.subject !== undefined && isPrivateSubject(ctx, input.subject));
  const id = ctx.newId("photo");
  return {
    id,
    authorId: ctx.me.userId,
    subjectKind: input.subject?.kind ?? null,
    subjectId: input.subject?.id ?? null,
    objectKey: photoKey(ctx.relationship.id, id),
    contentType: input.contentType,
    sizeBytes: input.sizeBytes,
    caption: input.caption ?? null,
    status: "reserved",
    visibility: sharedVisibility(ctx, hidden),
    version: 1,
    textVersions: "{}",
    createdAt: ctx.now,
    updatedAt: ctx.now,
  };
}

const photoReserve = defineCommand({
  name: "photos.reserve",
  summary: "Keep a place for a photo; its bytes follow by PUT within an hour",
  input: reserveInput,
  output: reservedSchema,
  // Told when the bytes have arrived, which no command does.
  events: [photoStored],
  run(ctx, input) {
    requireRoom(ctx, input.sizeBytes, input.subject);
    const row = newPhoto(ctx, input);
    insertPhoto(ctx.sql, row);
    const expiresAt = ctx.now + UPLOAD_TTL_MS;
    ctx.schedule(EXPIRE_JOB, row.id, expiresAt);
    return { id: row.id, upload: { method: "PUT" as const, path: uploadPath(ctx.relationship.id, row.id), expiresAt } };
  },
});

const photoUpdate = defineCommand({
  name: "photos.update",
  summary: "Give a photo of mine another caption; null clears it",
  input: updateInput,
  output: photoSchema,
  events: [photoUpdated],
  run(ctx, { id, ...edit }) {
    const before = requireMine(ctx, requireStored(ctx, id));
    const texts = editTexts(before, edit, CAPTION_LIMITS, () => toPhoto(before));
    const row = savePhoto(ctx.sql, { ...before, ...texts }, ctx.now);
    const fields = edit.caption === undefined ? [] : ["caption"];
    ctx.emit(photoUpdated, { fields, version: row.version }, audience(row, row.id));
    return toPhoto(row);
  },
});

const photoShare = defineCommand({
  name: "photos.share",
  summary: "Show a private photo of mine to my partner, for ever",
  input: photoIdInput,
  output: photoSchema,
  events: [photoShared],
  run(ctx, input) {
    const before = requireStored(ctx, input.id);
    requireShareable(ctx, before);
    const subject = subjectOf(before);
    if (subject !== null && isPrivateSubject(ctx, subject)) {
      throw new AppError("conflict", `Share the ${subject.kind} first`);
    }
    const row = savePhoto(ctx.sql, { ...before, visibility: "shared" }, ctx.now);
    ctx.emit(photoShared, { contentType: row.contentType, sizeBytes: row.sizeBytes }, { subjectId: row.id });
    return toPhoto(row);
  },
});

const photoDelete = defineCommand({
  name: "photos.delete",
  summary: "Delete a photo of mine, or give up the place that was kept for it",
  input: photoIdInput,
  output: deletedSchema,
  events: [photoDeleted],
  run(ctx, input) {
    const row = findPhoto(ctx.sql, input.id);
    const isMine = row?.authorId === ctx.me.userId;
    const place = row !== null && row.status === "reserved" && isMine ? row : requireStored(ctx, input.id);
    removePhoto(ctx, requireMine(ctx, place));
    return { id: place.id };
  },
});

const photoAddressOf = defineQuery({
  name: "photos.address",
  summary: "An address from which a photo can be fetched for five minutes",
  input: photoIdInput,
  output: addressSchema,
  run(ctx, input) {
    const row = requireStored(ctx, input.id);
    const expiresAt = ctx.now + ADDRESS_TTL_MS;
    const parts = { relationshipId: ctx.relationship.id, photoId: row.id, memberId: ctx.me.userId, expiresAt };
    return { path: photoAddress(ctx.addressKey, parts), expiresAt };
  },
});

const photoGet = defineQuery({
  name: "photos.get",
  summary: "What is known of one photo",
  input: photoIdInput,
  output: photoSchema,
  run(ctx, input) {
    return toPhoto(requireStored(ctx, input.id));
  },
});

const photoList = defineQuery({
  name: "photos.list",
  summary: "Our photos, newest first; those of one activity, note or date if asked",
  input: listInput,
  output: photoPage,
  run(ctx, input) {
    const key = decodeCursor(input.cursor, ["string"]);
    const rows = listPhotos(ctx.sql, {
      viewerId: ctx.me.userId,
      authorId: input.mine ? ctx.me.userId : null,
      subject: input.subject ?? null,
      beforeId: key === null ? null : String(key[0]),
      limit: input.limit + 1,
    });
    return page(rows, input.limit, (row) => [row.id], toPhoto);
  },
});

const photoUse = defineQuery({
  name: "photos.usage",
  summary: "How much room my photos take, and how much I have",
  input: usageInput,
  output: usageSchema,
  run: (ctx) => photoUsage(ctx),
});

export const operations = [
  photoReserve,
  photoUpdate,
  photoShare,
  photoDelete,
  photoAddressOf,
  photoGet,
  photoList,
  photoUse,
];
