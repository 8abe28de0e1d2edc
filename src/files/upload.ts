import {
  photoRefusedService,
  photoStoredService,
  photoUploadService,
  type UploadSlot,
} from "../domain/photos/services.ts";
import type { Photo, PhotoType } from "../domain/photos/schema.ts";
import { errorText, log } from "../lib/log.ts";
import { AppError } from "../protocol/errors.ts";
import { callService } from "../relationship/stub.ts";
import { cleanHeic } from "./formats/heic.ts";
import { cleanJpeg } from "./formats/jpeg.ts";
import { cleanPng } from "./formats/png.ts";
import { cleanWebp } from "./formats/webp.ts";
import { ImageBytes, NotThatImage } from "./image-bytes.ts";

const CLEAN: Readonly<Record<PhotoType, (image: ImageBytes) => Promise<void>>> = {
  "image/jpeg": cleanJpeg,
  "image/png": cleanPng,
  "image/webp": cleanWebp,
  "image/heic": cleanHeic,
};

export interface Upload {
  relationshipId: string;
  photoId: string;
  userId: string;
  /** What the request says of itself; null where it says nothing. */
  contentType: string | null;
  contentLength: number | null;
  body: ReadableStream<Uint8Array> | null;
}

/**
 * Brings the bytes of a reserved photo to where they are kept, without what tells where and with what it was taken.
 * Bytes that are not the announced picture free the place; an upload that breaks off leaves it as it was.
 * @returns the photo; when its bytes are there already, as it is
 * @throws AppError `not_found`, `unsupported_media_type`, `payload_too_large` or `invalid_input`
 */
export async function receivePhoto(env: Env, upload: Upload, now: number): Promise<Photo> {
  const { relationshipId, userId, photoId } = upload;
  const asked = { userId, photoId };
  const slot = await callService(env, relationshipId, photoUploadService, asked, now);
  if (slot.stored !== null) return slot.stored;
  try {
    requireAsAnnounced(upload, slot);
    await keep(env, slot, upload.body);
  } catch (error) {
    if (error instanceof NotThatImage) await callService(env, relationshipId, photoRefusedService, asked, now);
    throw error;
  }
  try {
    return await callService(env, relationshipId, photoStoredService, asked, now);
  } catch (error) {
    // Given up meanwhile, or its author is gone: nobody else would ever come for these bytes.
    if (error instanceof AppError && error.code !== "unavailable") await env.FILES.delete(slot.objectKey);
    throw error;
  }
}

function requireAsAnnounced({ contentType, contentLength, body }: Upload, slot: UploadSlot): void {
  if (contentType !== null && contentType !== slot.contentType) throw new NotThatImage();
  if (body === null) throw incomplete();
  if (contentLength === null || contentLength === slot.sizeBytes) return;
  if (contentLength < slot.sizeBytes) throw incomplete();
  throw new AppError("payload_too_large", "There are more bytes than the place was kept for");
}

function incomplete(): AppError {
  const issues = [{ path: "body", message: "Fewer bytes than the place was kept for" }];
  return new AppError("invalid_input", "The upload is not complete", { issues });
}

/** Streams: at no time are more than a few blocks of the picture in memory. The bucket keeps all of it or nothing. */
async function keep(env: Env, slot: UploadSlot, body: ReadableStream<Uint8Array> | null): Promise<void> {
  if (body === null) throw incomplete();
  const { readable, writable } = new FixedLengthStream(slot.sizeBytes);
  const kept = env.FILES.put(slot.objectKey, readable, { httpMetadata: { contentType: slot.contentType } });
  const [sent, stored] = await Promise.allSettled([clean(slot, body, writable), kept]);
  if (sent.status === "rejected") throw sent.reason;
  if (stored.status === "rejected") {
    log.error("photo.not_kept", { error: errorText(stored.reason) });
    throw new AppError("unavailable", "The photo could not be kept", { retryAfterSeconds: 5 });
  }
}

async function clean(slot: UploadSlot, body: ReadableStream<Uint8Array>, writable: WritableStream): Promise<void> {
  const writer = writable.getWriter() as WritableStreamDefaultWriter<Uint8Array>;
  // The bucket keeps what is complete, whatever is said afterwards: the last bytes wait until all is known to be good.
  let held: Uint8Array | null = null;
  const image = new ImageBytes(body, slot.sizeBytes, async (bytes) => {
    const before = held;
    held = bytes;
    if (before !== null) await writer.write(before);
  });
  try {
    await CLEAN[slot.contentType](image);
    await image.end();
    if (held !== null) await writer.write(held);
    await writer.close();
  } catch (error) {
    await writer.abort(error);
    throw error instanceof AppError ? error : interrupted(error);
  }
}

/** The sender went away, or the bucket did. */
function interrupted(error: unknown): AppError {
  log.error("photo.interrupted", { error: errorText(error) });
  return new AppError("unavailable", "The upload broke off", { retryAfterSeconds: 1 });
}
