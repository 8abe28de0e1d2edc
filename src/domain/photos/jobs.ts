import type { JobDefinition } from "../jobs.ts";
import { removePhoto } from "./removal.ts";
import { findPhoto } from "./store.ts";
import { EXPIRE_JOB, UPLOAD_TTL_MS } from "./upload.ts";

/** Frees a place whose bytes never came. */
const expire: JobDefinition = {
  kind: EXPIRE_JOB,
  run(ctx, photoId) {
    const row = findPhoto(ctx.sql, photoId);
    if (row === null || row.status !== "reserved") return null;
    const expiresAt = row.createdAt + UPLOAD_TTL_MS;
    if (ctx.now < expiresAt) return expiresAt;
    removePhoto(ctx, row);
    return null;
  },
};

export const jobs: readonly JobDefinition[] = [expire];
