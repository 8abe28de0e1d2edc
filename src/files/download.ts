import * as z from "zod";
import { addressKeyOf, isGoodAddress } from "../domain/photos/address.ts";
import { PHOTO_TYPES, photoId, type PhotoType } from "../domain/photos/schema.ts";
import { photoLookService } from "../domain/photos/services.ts";
import { config } from "../lib/config.ts";
import { AppError } from "../protocol/errors.ts";
import { relationshipIdSchema } from "../protocol/ids.ts";
import { callService } from "../relationship/stub.ts";

/** What an address holds, as it comes in a request. */
export const addressQuery = z.strictObject({
  member: z.string().min(1).max(64),
  expires: z.string().regex(/^\d{1,15}$/),
  signature: z.string().min(1).max(64),
});
const addressSchema = z.strictObject({ relationshipId: relationshipIdSchema, photoId, query: addressQuery });

export interface PhotoBytes {
  body: ReadableStream;
  contentType: PhotoType;
  sizeBytes: number;
  fileName: string;
}

/**
 * The bytes behind an address. The signature is checked before anything is asked, so that a guess wakes no object; the
 * object then says whether the photo is still there and still this member's to see.
 * @throws AppError `not_found` for everything else: an address that never was, is over, or leads to what is gone
 */
export async function openPhoto(env: Env, address: unknown, now: number): Promise<PhotoBytes> {
  const parsed = addressSchema.safeParse(address);
  if (!parsed.success) throw notFound();
  const { relationshipId, photoId: id, query } = parsed.data;
  const parts = { relationshipId, photoId: id, memberId: query.member, expiresAt: Number(query.expires) };
  if (!isGoodAddress(addressKeyOf(config(env).AUTH_SECRET), parts, query.signature, now)) throw notFound();
  const asked = { userId: query.member, photoId: id };
  const file = await callService(env, relationshipId, photoLookService, asked, now);
  const object = await env.FILES.get(file.objectKey);
  if (object === null) throw notFound();
  return {
    body: object.body,
    contentType: file.contentType,
    sizeBytes: object.size,
    fileName: `photo-${id.slice(-12)}.${PHOTO_TYPES[file.contentType]}`,
  };
}

function notFound(): AppError {
  return new AppError("not_found", "No such photo");
}
