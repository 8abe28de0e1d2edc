import { HOUR_MS } from "../../protocol/limits.ts";

/** The job that frees a place whose bytes never came; its key is the photo's id. */
export const EXPIRE_JOB = "photos.expire";
/** How long a place waits for its bytes, and longer than any upload takes. */
export const UPLOAD_TTL_MS = HOUR_MS;

/** Where the bytes lie in R2: what belongs to one relationship is found, copied and destroyed by this prefix. */
export function photoKey(relationshipId: string, photoId: string): string {
  return `relationships/${relationshipId}/${photoId}`;
}

export function uploadPath(relationshipId: string, photoId: string): string {
  return `/api/relationships/${relationshipId}/photos/${photoId}/content`;
}
