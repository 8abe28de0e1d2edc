import * as z from "zod";
import { AppError } from "../../protocol/errors.ts";
import { can, type Capability } from "../membership/rules.ts";
import { defineService, type ServiceContext } from "../service.ts";
import { audience } from "../visibility.ts";
import { photoStored } from "./events.ts";
import { removePhoto } from "./removal.ts";
import { photoId, type Photo, type PhotoType } from "./schema.ts";
import { findPhoto, savePhoto, toPhoto, type PhotoRow } from "./store.ts";
import { EXPIRE_JOB } from "./upload.ts";

const input = z.strictObject({ userId: z.string().min(1).max(64), photoId });
type Asked = z.output<typeof input>;
const actorOf = ({ userId }: Asked): string => userId;

const notFound = (): AppError => new AppError("not_found", "No such photo");

/**
 * @throws AppError `not_found` when the state lets nobody do this, and, as if there were no such relationship, when this
 *   person is nobody here
 */
function requireMemberWho(ctx: ServiceContext, userId: string, capability: Capability): void {
  if (!ctx.members.some((member) => member.userId === userId)) {
    throw new AppError("not_found", "No such relationship");
  }
  const { status } = ctx.relationship;
  if (can(status, capability)) return;
  if (!can(status, "read")) throw notFound();
  throw new AppError("relationship_not_writable", "The relationship's state does not allow this", { current: status });
}

/** The asker's own photo, stored or waiting for its bytes. */
function requireOwn(ctx: ServiceContext, asked: Asked): PhotoRow {
  requireMemberWho(ctx, asked.userId, "write");
  const row = findPhoto(ctx.sql, asked.photoId);
  if (row === null || row.authorId !== asked.userId) throw notFound();
  return row;
}

export interface UploadSlot {
  objectKey: string;
  contentType: PhotoType;
  sizeBytes: number;
  /** What the photo is, if its bytes are there already. */
  stored: Photo | null;
}

/** What the bytes that somebody wants to upload have to be, and where they go. */
export const photoUploadService = defineService({
  name: "photos.upload",
  input,
  readOnly: true,
  run(ctx, asked): UploadSlot {
    const row = requireOwn(ctx, asked);
    const { objectKey, contentType, sizeBytes } = row;
    return { objectKey, contentType, sizeBytes, stored: row.status === "stored" ? toPhoto(row) : null };
  },
});

/** The bytes lie where they belong: from now on the photo is there. Asked again, it says the same. */
export const photoStoredService = defineService({
  name: "photos.stored",
  input,
  actorOf,
  run(ctx, asked): Photo {
    const before = requireOwn(ctx, asked);
    if (before.status === "stored") return toPhoto(before);
    const row = savePhoto(ctx.sql, { ...before, status: "stored" }, ctx.now);
    ctx.unschedule(EXPIRE_JOB, row.id);
    ctx.emit(photoStored, { contentType: row.contentType, sizeBytes: row.sizeBytes }, audience(row, row.id));
    return toPhoto(row);
  },
});

/** The bytes were not what was announced: the place is free again. */
export const photoRefusedService = defineService({
  name: "photos.refused",
  input,
  actorOf,
  run(ctx, asked): null {
    const row = requireOwn(ctx, asked);
    if (row.status === "reserved") removePhoto(ctx, row);
    return null;
  },
});

export interface StoredFile {
  objectKey: string;
  contentType: PhotoType;
}

/** Where the bytes of a photo lie that this member may see now. */
export const photoLookService = defineService({
  name: "photos.look",
  input,
  readOnly: true,
  run(ctx, asked): StoredFile {
    requireMemberWho(ctx, asked.userId, "read");
    const row = findPhoto(ctx.sql, asked.photoId);
    const isHidden = row?.visibility === "private" && row.authorId !== asked.userId;
    if (row === null || row.status !== "stored" || isHidden) throw notFound();
    return { objectKey: row.objectKey, contentType: row.contentType };
  },
});

export const services = [photoUploadService, photoStoredService, photoRefusedService, photoLookService];
