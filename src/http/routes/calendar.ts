import { createHash } from "node:crypto";
import { Hono } from "hono";
import * as z from "zod";
import { feedStateSchema } from "../../domain/dates/feed-commands.ts";
import type { OutputOfService } from "../../domain/service.ts";
import { readFeed } from "../../domain/dates/feed.ts";
import { renderCalendar } from "../../domain/dates/ical.ts";
import { AppError } from "../../protocol/errors.ts";
import { idSchema, relationshipIdSchema } from "../../protocol/ids.ts";
import { callRelationship, callService } from "../../relationship/stub.ts";
import type { AppEnv } from "../app-env.ts";
import { calendarAddress, isSigned } from "../calendar-address.ts";
import { renderError } from "../middleware/error-handler.ts";
import { requireWithinRate } from "../middleware/rate-limit.ts";
import { requireSession } from "../middleware/session.ts";
import { requireRelationshipId } from "./operations.ts";

const replySchema = z.object({ data: feedStateSchema });
const addressSchema = z.object({ relationshipId: relationshipIdSchema, feedId: idSchema("feed") });

/** Where a member reads their own secret address, as often as they like. */
export const calendarFeed = new Hono<AppEnv>().get("/:id/calendar-feed", requireSession, async (c) => {
  const relationshipId = requireRelationshipId(c.req.param("id"));
  const { userId, signedInAt } = c.var.session;
  const about = { kind: "query", name: "dates.get_feed_state", input: {}, commandId: null } as const;
  const request = { ...about, userId, signedInAt, now: c.var.now };
  const reply = await callRelationship(c.env, relationshipId, (stub) => stub.execute(request));
  if (!reply.ok) return renderError(c, reply.error);
  const { id, createdAt } = replySchema.parse(JSON.parse(reply.json)).data;
  c.header("cache-control", "no-store");
  return c.json({ address: id === null ? null : calendarAddress(c.env, relationshipId, id), createdAt });
});

/** Only what was here is signed: an address whose relationship is over says the same as one that was revoked. */
async function readSigned(
  env: Env,
  relationshipId: string,
  feedId: string,
  now: number,
): Promise<OutputOfService<typeof readFeed>> {
  try {
    return await callService(env, relationshipId, readFeed, { feedId }, now);
  } catch (error) {
    if (!(error instanceof AppError && error.code === "not_found")) throw error;
    throw new AppError("gone", "This calendar address no longer works");
  }
}

/** What calendar applications fetch. They have no session: the address is the proof. */
export const calendar = new Hono<AppEnv>().get("/:id/:file", async (c) => {
  const { id, file } = c.req.param();
  const parsed = addressSchema.safeParse({ relationshipId: id, feedId: file.replace(/\.ics$/, "") });
  const key = c.req.query("key") ?? "";
  if (!parsed.success || !isSigned(c.env, parsed.data.relationshipId, parsed.data.feedId, key)) {
    throw new AppError("not_found", "No such calendar");
  }
  const { relationshipId, feedId } = parsed.data;
  await requireWithinRate(c, "RATE_TICKETS", feedId);
  const text = renderCalendar(await readSigned(c.env, relationshipId, feedId, c.var.now));
  const etag = `"${createHash("sha256").update(text).digest("base64url")}"`;
  // To be asked again each time, since the address may have been revoked.
  c.header("cache-control", "private, no-cache");
  c.header("etag", etag);
  if (c.req.header("if-none-match") === etag) return c.body(null, 304);
  c.header("content-disposition", 'inline; filename="better-together.ics"');
  return c.body(text, 200, { "content-type": "text/calendar; charset=utf-8" });
});
