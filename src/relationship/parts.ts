import { Couple } from "../domain/couple.ts";
import { Dispatcher } from "../domain/dispatch.ts";
import { addressKeyOf } from "../domain/photos/address.ts";
import type { ShellFacts } from "../domain/service.ts";
import type { Sql } from "../domain/sql.ts";
import { now as clockNow } from "../lib/clock.ts";
import { config } from "../lib/config.ts";
import { Alarms } from "./alarms.ts";
import { CatchUp } from "./catch-up.ts";
import { endingOf, MEMBERSHIP_ENDED } from "./ending.ts";
import { FrameHandler } from "./frame-handler.ts";
import { FrameQueue } from "./frame-queue.ts";
import { Sockets } from "./sockets.ts";
import { databaseBytes } from "./sql-storage.ts";
import { Tickets } from "./tickets.ts";

/** What one life of an object is made of. All of it can be rebuilt from storage, and is after each eviction. */
export interface Parts {
  couple: Couple;
  dispatcher: Dispatcher;
  tickets: Tickets;
  sockets: Sockets;
  catchUp: CatchUp;
  frames: FrameHandler;
  queue: FrameQueue;
  alarms: Alarms;
  /** What services may know of the object around them. */
  shell: ShellFacts;
  isMember(userId: string): boolean;
  /** In the same turn as whatever causes it, so that all of it is stored or nothing. */
  closeSockets(): void;
}

/**
 * Puts the parts together; nothing is read yet.
 * @param env asked at each use, so that a test can put a faulty database in its place
 * @param isInitialised whether the object has tables now
 */
export function assemble(
  ctx: DurableObjectState,
  env: () => Env,
  { sql, isInitialised }: { sql: Sql; isInitialised: () => boolean },
): Parts {
  const settings = config(env());
  const couple = new Couple(sql, addressKeyOf(settings.AUTH_SECRET));
  const dispatcher = new Dispatcher(couple);
  const tickets = new Tickets(sql);
  // What has ended has no members, also before the directory's word of it is here.
  const isMember = (userId: string): boolean =>
    isInitialised() && couple.relationship.status !== "ended" && dispatcher.isMember(userId);
  const rate = { perSecond: settings.SOCKET_MESSAGES_PER_SECOND, burst: settings.SOCKET_MESSAGES_BURST };
  const sockets = new Sockets(ctx, rate, ({ actor, statusVersion }, now) => {
    const standing = isMember(actor.userId)
      ? { isMember: true, partedVersion: couple.relationship.partedVersion }
      : { isMember: false, partedVersion: 0 };
    return endingOf(actor, statusVersion, now, tickets, standing);
  });
  const closeSockets = (): void => {
    tickets.clear();
    sockets.closeWhere(() => true, MEMBERSHIP_ENDED.code, MEMBERSHIP_ENDED.reason);
  };
  const catchUp = new CatchUp(couple, dispatcher);
  const frames = new FrameHandler({
    dispatcher,
    sockets,
    catchUp,
    closeSockets,
    relationshipId: () => couple.relationship.id,
    isFrozen: () => couple.relationship.status === "frozen",
  });
  const { storage } = ctx;
  const flushIntervalMs = settings.FLUSH_INTERVAL_MS;
  const alarms = new Alarms({ couple, dispatcher, sockets, tickets, storage, env, flushIntervalMs });
  const queue = new FrameQueue(storage, async (waiting) => {
    const now = clockNow();
    let wrote = false;
    for (const { socket, message } of waiting) wrote = frames.handle(socket, message, now) || wrote;
    if (wrote) await alarms.afterWrite(now);
  });
  const shell = { openSockets: () => sockets.open.size, databaseBytes: () => databaseBytes(storage) };
  return { couple, dispatcher, tickets, sockets, catchUp, frames, queue, alarms, shell, isMember, closeSockets };
}
