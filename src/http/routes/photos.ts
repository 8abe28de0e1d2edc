import { Hono } from "hono";
import { photoId } from "../../domain/photos/schema.ts";
import { openPhoto } from "../../files/download.ts";
import { receivePhoto } from "../../files/upload.ts";
import { AppError } from "../../protocol/errors.ts";
import type { AppEnv } from "../app-env.ts";
import { requireSession } from "../middleware/session.ts";
import { requireRelationshipId } from "./operations.ts";

/** Bytes of photos on their way in, to a place that `photos.reserve` kept. */
export const photoUploads = new Hono<AppEnv>().put("/:id/photos/:photoId/content", requireSession, async (c) => {
  const relationshipId = requireRelationshipId(c.req.param("id"));
  const id = photoId.safeParse(c.req.param("photoId"));
  if (!id.success) throw new AppError("not_found", "No such photo");
  const length = c.req.header("content-length");
  const upload = {
    relationshipId,
    photoId: id.data,
    userId: c.var.session.userId,
    contentType: c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase() ?? null,
    contentLength: length === undefined ? null : Number(length),
    body: c.req.raw.body as ReadableStream<Uint8Array> | null,
  };
  return c.json({ photo: await receivePhoto(c.env, upload, c.var.now) });
});

/** Bytes of photos on their way out, by the signed address that `photos.address` gave. Needs no session. */
export const photoDownloads = new Hono<AppEnv>().get("/:relationshipId/:photoId", async (c) => {
  const address = { ...c.req.param(), query: c.req.query() };
  const photo = await openPhoto(c.env, address, c.var.now);
  return c.body(photo.body, 200, {
    "content-type": photo.contentType,
    "content-length": String(photo.sizeBytes),
    "content-disposition": `inline; filename="${photo.fileName}"`,
    "cache-control": "private, no-store",
    "x-content-type-options": "nosniff",
  });
});
