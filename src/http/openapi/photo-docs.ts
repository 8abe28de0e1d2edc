import * as z from "zod";
import { PHOTO_TYPES, photoSchema } from "../../domain/photos/schema.ts";
import { addressQuery } from "../../files/download.ts";
import { ok, type RouteDoc } from "./route-doc.ts";

const IMAGES = Object.keys(PHOTO_TYPES);

export const photos: readonly RouteDoc[] = [
  {
    method: "put",
    path: "/api/relationships/{id}/photos/{photoId}/content",
    operationId: "uploadPhoto",
    tag: "photos",
    summary:
      "The bytes of a photo, exactly as many as `photos.reserve` was told. What tells where and with what it was taken is " +
      "blanked; bytes that are not the announced type free the place again. Sent twice, it answers the same",
    session: true,
    binary: IMAGES,
    answers: [ok(z.strictObject({ photo: photoSchema }), "The photo is there")],
    errors: [400, 401, 403, 404, 409, 413, 415],
  },
  {
    method: "get",
    path: "/api/photos/{relationshipId}/{photoId}",
    operationId: "downloadPhoto",
    tag: "photos",
    summary: "The bytes of a photo, by an address of `photos.address`; needs no session, and no cache may keep it",
    session: false,
    query: addressQuery,
    answers: [{ status: 200, description: "The picture", binary: IMAGES }],
    errors: [404],
  },
];
