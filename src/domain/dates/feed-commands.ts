import * as z from "zod";
import { defineCommand, defineQuery } from "../command.ts";
import type { MemberContext } from "../context.ts";
import { feedChanged } from "./events.ts";
import { findLiveFeed, insertFeed, revokeFeed } from "./feed-store.ts";

const nothing = z.strictObject({});

export const feedStateSchema = z.strictObject({
  id: z.string().nullable().describe("Null while I have no calendar address"),
  createdAt: z.int().nullable(),
});

type FeedState = z.output<typeof feedStateSchema>;

function feedState(ctx: MemberContext): FeedState {
  const feed = findLiveFeed(ctx.sql, ctx.me.userId);
  return { id: feed?.id ?? null, createdAt: feed?.createdAt ?? null };
}

// The secret of the address is a signature of the feed's id: GET /api/relationships/:id/calendar-feed shows it.
export const feedCommands = [
  defineCommand({
    name: "dates.create_feed",
    summary: "Make me a secret calendar address; one that I had stops working",
    input: nothing,
    output: feedStateSchema,
    events: [feedChanged],
    run(ctx) {
      revokeFeed(ctx.sql, ctx.me.userId, ctx.now);
      insertFeed(ctx.sql, { id: ctx.newId("feed"), userId: ctx.me.userId, createdAt: ctx.now });
      ctx.emit(feedChanged, { active: true }, { to: ctx.me.userId });
      return feedState(ctx);
    },
  }),
  defineCommand({
    name: "dates.revoke_feed",
    summary: "Make my calendar address worthless",
    // It protects whoever asks, so that it works wherever their own settings do.
    capability: "inbox",
    input: nothing,
    output: feedStateSchema,
    events: [feedChanged],
    run(ctx) {
      if (revokeFeed(ctx.sql, ctx.me.userId, ctx.now)) {
        ctx.emit(feedChanged, { active: false }, { to: ctx.me.userId });
      }
      return feedState(ctx);
    },
  }),
  defineQuery({
    name: "dates.get_feed_state",
    summary: "Whether I have a calendar address",
    input: nothing,
    output: feedStateSchema,
    run: feedState,
  }),
];
