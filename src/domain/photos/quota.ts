import * as z from "zod";
import { AppError } from "../../protocol/errors.ts";
import { FREE_PHOTO_BYTES } from "../../protocol/limits.ts";
import type { MemberContext } from "../context.ts";
import type { Subject } from "./schema.ts";
import { countPhotosOf, findPlanLimits, sumPhotos } from "./store.ts";

/** However small they are. */
const PHOTOS_PER_MEMBER = 5_000;
/** What goes in one transaction when the thing that they are of is deleted. */
const PHOTOS_OF_SUBJECT_PER_MEMBER = 30;

const planLimits = z.looseObject({ photoBytes: z.int().nonnegative() });

/** Bytes that the couple's plan gives for photos; the free plan's where the object has not been told of another. */
function planBytes(ctx: MemberContext): number {
  const limits = findPlanLimits(ctx.sql, ctx.now);
  return limits === null ? FREE_PHOTO_BYTES : planLimits.parse(JSON.parse(limits)).photoBytes;
}

/**
 * What I use and may use, in bytes. Each member has half of the couple's and only their own photos count in it, so that
 * nobody can read from what is left to them how much the other keeps private. A person alone has all of it.
 */
export function photoUsage(ctx: MemberContext): { usedBytes: number; limitBytes: number } {
  const limitBytes = ctx.solo ? planBytes(ctx) : Math.floor(planBytes(ctx) / 2);
  return { usedBytes: sumPhotos(ctx.sql, ctx.me.userId).bytes, limitBytes };
}

/** @throws AppError `quota_exceeded` with my use and my limit when `sizeBytes` more are too many */
export function requireRoom(ctx: MemberContext, sizeBytes: number, subject: Subject | undefined): void {
  const { usedBytes, limitBytes } = photoUsage(ctx);
  if (usedBytes + sizeBytes > limitBytes) {
    throw new AppError("quota_exceeded", "There is no room for this photo", { usedBytes, limitBytes });
  }
  if (sumPhotos(ctx.sql, ctx.me.userId).photos >= PHOTOS_PER_MEMBER) {
    throw new AppError("quota_exceeded", `A member keeps at most ${PHOTOS_PER_MEMBER} photos`);
  }
  if (subject !== undefined && countPhotosOf(ctx.sql, ctx.me.userId, subject) >= PHOTOS_OF_SUBJECT_PER_MEMBER) {
    throw new AppError("quota_exceeded", `A member adds at most ${PHOTOS_OF_SUBJECT_PER_MEMBER} photos to one thing`);
  }
}
