import * as z from "zod";
import { idSchema } from "../../protocol/ids.ts";
import { PHOTO_MAX_BYTES } from "../../protocol/limits.ts";
import { text } from "../../protocol/text.ts";
import { editInput } from "../edits.ts";
import { pageInput, pageOf } from "../paging.ts";
import { privateInput } from "../visibility.ts";

/** Type -> what a downloaded file's name ends with. */
export const PHOTO_TYPES = {
  "image/jpeg": "jpg",
  "image/png": "png",
  "image/webp": "webp",
  "image/heic": "heic",
} as const;
export type PhotoType = keyof typeof PHOTO_TYPES;
export const photoTypeSchema = z.enum(Object.keys(PHOTO_TYPES) as [PhotoType, ...PhotoType[]]);

export const CAPTION_LIMITS = { caption: 500 } as const;

/** What a photo can belong to; it goes when that goes. */
export const subjectSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("activity"), id: idSchema("activity") }),
  z.strictObject({ kind: z.literal("note"), id: idSchema("note") }),
  z.strictObject({ kind: z.literal("date"), id: idSchema("date") }),
]);
export type Subject = z.infer<typeof subjectSchema>;
export type SubjectKind = Subject["kind"];

export const photoSchema = z.strictObject({
  id: z.string(),
  contentType: photoTypeSchema,
  sizeBytes: z.int().positive(),
  caption: z.string().nullable(),
  subject: subjectSchema.nullable(),
  createdBy: z.string(),
  /** Only its author ever sees it, until its author shares it. */
  isPrivate: z.boolean(),
  version: z.int(),
  createdAt: z.int(),
  updatedAt: z.int(),
});
export type Photo = z.infer<typeof photoSchema>;

export const photoId = idSchema("photo");
const id = photoId;

export const reserveInput = z.strictObject({
  contentType: photoTypeSchema,
  sizeBytes: z.int().min(1).max(PHOTO_MAX_BYTES),
  caption: text(CAPTION_LIMITS.caption).optional(),
  subject: subjectSchema.optional(),
  ...privateInput,
});

export const reservedSchema = z.strictObject({
  id: z.string(),
  upload: z.strictObject({
    method: z.literal("PUT"),
    path: z.string().describe("Where the bytes go, exactly as many as were named"),
    expiresAt: z.int().describe("Epoch milliseconds; until then the place is kept"),
  }),
});

/** A field that is absent stays; null clears it. */
export const updateInput = z.strictObject({
  id,
  caption: text(CAPTION_LIMITS.caption).nullable().optional(),
  ...editInput,
});

export const photoIdInput = z.strictObject({ id });
export const deletedSchema = z.strictObject({ id: z.string() });

export const addressSchema = z.strictObject({
  path: z.string().describe("Where the bytes are; whoever has it may fetch them until it expires"),
  expiresAt: z.int().describe("Epoch milliseconds"),
});

export const usageInput = z.strictObject({});
export const usageSchema = z.strictObject({
  usedBytes: z.int().nonnegative().describe("Mine alone, places that wait for their bytes included"),
  limitBytes: z.int().nonnegative().describe("My half of what the plan gives a couple; all of it while I am alone"),
});

export const listInput = z.strictObject({
  ...pageInput,
  subject: subjectSchema.optional(),
  mine: z.boolean().default(false).describe("Only what I took up"),
});
export const photoPage = pageOf(photoSchema);
