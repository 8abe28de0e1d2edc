import { DurableObject } from "cloudflare:workers";
import { isObjectOver } from "../db/absorptions.ts";
import { Couple } from "../domain/couple.ts";
import { Dispatcher, type OperationRequest } from "../domain/dispatch.ts";
import { applyMembership } from "../domain/membership/apply.ts";
import { noteAbsorptions } from "../domain/parting/absorb.ts";
import { addressKeyOf } from "../domain/photos/address.ts";
import type { ShellFacts } from "../domain/service.ts";
import type { Sql } from "../domain/sql.ts";
import { now as clockNow } from "../lib/clock.ts";
import { config } from "../lib/config.ts";
import type { Actor } from "../protocol/actor.ts";
import { AppError } from "../protocol/errors.ts";
import { CLOSE } from "../protocol/frames.ts";
import { membershipStateSchema, type MembershipState } from "../protocol/membership.ts";
import { Alarms } from "./alarms.ts";
import { CatchUp } from "./catch-up.ts";
import { endingOf, MEMBERSHIP_ENDED } from "./ending.ts";
import { FrameHandler } from "./frame-handler.ts";
import { FrameQueue, type WaitingFrame } from "./frame-queue.ts";
import { isInitialised, migrate, SCHEMA_VERSION } from "./migrate.ts";
import { internal, NOT_FOUND, type ExecuteReply, type ServeReply, type TicketReply } from "./replies.ts";
import { serve } from "./serve.ts";
import { Sockets } from "./sockets.ts";
import { databaseBytes, sqlOf } from "./sql-storage.ts";
import { Tickets } from "./tickets.ts";
import { acceptUpgrade } from "./upgrade.ts";

/** One relationship: transport, schedule and storage around the domain, and no rule of its own. */
export class RelationshipObject extends DurableObject<Env> {
  readonly #sql: Sql;
  readonly #couple: Couple;
  readonly #dispatcher: Dispatcher;
  readonly #sockets: Sockets;
  readonly #tickets: Tickets;
  readonly #frames: FrameHandler;
  readonly #catchUp: CatchUp;
  readonly #alarms: Alarms;
  readonly #queue: FrameQueue;
  readonly #shell: ShellFacts;
  #initialised: boolean;
  #schemaVersion = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const settings = config(env);
    this.#sql = sqlOf(ctx.storage);
    this.#shell = { openSockets: () => this.#sockets.open.size, databaseBytes: () => databaseBytes(ctx.storage) };
    this.#initialised = isInitialised(this.#sql);
    if (this.#initialised) this.#schemaVersion = migrate(this.#sql);
    this.#couple = new Couple(this.#sql, addressKeyOf(settings.AUTH_SECRET));
    this.#dispatcher = new Dispatcher(this.#couple);
    this.#tickets = new Tickets(this.#sql);
    const rate = { perSecond: settings.SOCKET_MESSAGES_PER_SECOND, burst: settings.SOCKET_MESSAGES_BURST };
    this.#sockets = new Sockets(ctx, rate, ({ actor, statusVersion }, now) =>
      endingOf(actor, statusVersion, now, this.#tickets, this.#standingOf(actor.userId)),
    );
    this.#catchUp = new CatchUp(this.#couple, this.#dispatcher);
    this.#frames = new FrameHandler({
      dispatcher: this.#dispatcher,
      sockets: this.#sockets,
      catchUp: this.#catchUp,
      relationshipId: () => this.#couple.relationship.id,
      isFrozen: () => this.#couple.relationship.status === "frozen",
      closeSockets: () => this.#closeSockets(),
    });
    this.#queue = new FrameQueue(ctx.storage, (frames) => this.#handleFrames(frames));
    this.#alarms = new Alarms({
      couple: this.#couple,
      dispatcher: this.#dispatcher,
      sockets: this.#sockets,
      tickets: this.#tickets,
      storage: ctx.storage,
      env: () => this.env,
      flushIntervalMs: settings.FLUSH_INTERVAL_MS,
    });
  }

  /** The only door for REST. Expected refusals are values; a repeated command id gives the first result again. */
  async execute(request: OperationRequest): Promise<ExecuteReply> {
    if (!this.#initialised) return NOT_FOUND;
    try {
      const outcome = this.#dispatcher.dispatch(request);
      if (!outcome.ok) return { ok: false, error: outcome.error };
      this.#sockets.broadcast(outcome.events, clockNow());
      if (outcome.closesSockets) this.#closeSockets();
      if (request.kind === "command") await this.#alarms.afterWrite(request.now);
      return { ok: true, json: outcome.json };
    } catch (error) {
      return internal(error, { relationshipId: this.#couple.relationship.id, command: request.name });
    }
  }

  /** Brings the object's members to what D1 says. The only call that makes an object. Older or equal states change nothing. */
  async applyMembership(input: MembershipState): Promise<{ applied: boolean; version: number; schemaVersion: number }> {
    const state = membershipStateSchema.parse(input);
    // A destroyed object stays gone, however late what was once true of it arrives.
    if (!this.#initialised && (await isObjectOver(this.env.DB, state.relationshipId))) {
      return { applied: false, version: state.version, schemaVersion: SCHEMA_VERSION };
    }
    const isNew = !this.#initialised;
    let result;
    try {
      result = this.#sql.transaction(() => {
        if (isNew) this.#schemaVersion = migrate(this.#sql);
        const applied = applyMembership(this.#couple, state, isNew);
        noteAbsorptions(this.#couple, state);
        return applied;
      });
      this.#initialised = true;
    } finally {
      // Also when it failed: then the rows are as before, and what was read meanwhile is not.
      this.#dispatcher.forget();
    }
    this.#sockets.broadcast(result.events, clockNow());
    const { code, reason } = MEMBERSHIP_ENDED;
    this.#sockets.closeWhere(({ actor }) => result.removed.includes(actor.userId), code, reason);
    await this.#alarms.afterWrite(state.now);
    return {
      applied: result.applied,
      version: this.#couple.relationship.membershipVersion,
      schemaVersion: this.#schemaVersion,
    };
  }

  /** What the Worker's side asks, by a service of `domain/services.ts`. Expected refusals are values. */
  async serve(name: string, input: unknown, now: number): Promise<ServeReply> {
    if (!this.#initialised) return NOT_FOUND;
    try {
      const { data, events, closesSockets, wrote } = serve(this.#couple, this.#shell, name, input, now);
      this.#sockets.broadcast(events, clockNow());
      if (closesSockets) this.#closeSockets();
      if (wrote) await this.#alarms.afterWrite(now);
      return { ok: true, data };
    } catch (error) {
      if (error instanceof AppError) return { ok: false, error: error.body };
      return internal(error, { relationshipId: this.#couple.relationship.id, command: name });
    } finally {
      this.#dispatcher.forget();
    }
  }

  /** A one-use ticket that opens a socket within a minute. */
  async issueTicket(actor: Actor, now: number): Promise<TicketReply> {
    if (!this.#isMember(actor.userId)) return NOT_FOUND;
    const { token, expiresAt } = this.#tickets.issue("ticket", actor, now);
    await this.#alarms.afterToken(now);
    return { ok: true, ticket: token, expiresAt };
  }

  /** Closes the session's sockets and makes its tokens worthless. */
  async endSession(sessionId: string, now: number): Promise<void> {
    if (!this.#initialised) return;
    this.#tickets.endSession(sessionId, now);
    this.#sockets.closeWhere(({ actor }) => actor.sessionId === sessionId, CLOSE.sessionEnded, "session ended");
    await this.#alarms.afterToken(now);
  }

  /** Arms a lost alarm again. @returns when the object next wants to be awake */
  async ensureAlarm(): Promise<{ nextDueAt: number | null }> {
    return { nextDueAt: this.#initialised ? await this.#alarms.ensure(clockNow()) : null };
  }

  /** Sends D1 everything again that the object still knows, after D1 was restored from a backup. */
  async replayFlush(): Promise<void> {
    if (this.#initialised) await this.#alarms.replayFlush(clockNow());
  }

  /** The socket upgrade; nothing else arrives by fetch. */
  override async fetch(request: Request): Promise<Response> {
    if (!this.#initialised) return Response.json({ error: NOT_FOUND.error }, { status: 404 });
    const now = clockNow();
    const parts = { tickets: this.#tickets, sockets: this.#sockets, catchUp: this.#catchUp };
    const { statusVersion } = this.#couple.relationship;
    const response = acceptUpgrade(request, parts, (userId) => this.#isMember(userId), statusVersion, now);
    if (response.status === 101) this.#frames.announcePresence(now);
    await this.#alarms.afterToken(now);
    return response;
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    await this.#queue.push({ socket, message });
  }

  override async webSocketClose(socket: WebSocket, code: number): Promise<void> {
    // What was sent before the close is handled before it.
    await this.#queue.drain();
    this.#sockets.forget(socket);
    // The platform does not answer a close by itself, and refuses to send the reserved codes.
    this.#sockets.close(socket, code === 1005 || code === 1006 || code === 1015 ? 1000 : code, "");
    this.#frames.announcePresence(clockNow());
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    this.#sockets.forget(socket);
    this.#frames.announcePresence(clockNow());
  }

  override async alarm(): Promise<void> {
    if (this.#initialised && (await this.#alarms.run(clockNow, this.#schemaVersion))) await this.#destroy();
  }

  // The constructor does not run again, so that this instance has to know by itself that it is nobody now.
  async #destroy(): Promise<void> {
    this.#closeSockets();
    this.#initialised = false;
    this.#dispatcher.forget();
    await this.ctx.storage.deleteAll();
    await this.ctx.storage.deleteAlarm();
  }

  async #handleFrames(frames: readonly WaitingFrame[]): Promise<void> {
    const now = clockNow();
    let wrote = false;
    for (const { socket, message } of frames) wrote = this.#frames.handle(socket, message, now) || wrote;
    if (wrote) await this.#alarms.afterWrite(now);
  }

  /** In the same turn as whatever causes it, so that all of it is stored or nothing. */
  #closeSockets(): void {
    this.#tickets.clear();
    this.#sockets.closeWhere(() => true, MEMBERSHIP_ENDED.code, MEMBERSHIP_ENDED.reason);
  }

  #standingOf(userId: string): { isMember: boolean; partedVersion: number } {
    const isMember = this.#isMember(userId);
    return { isMember, partedVersion: isMember ? this.#couple.relationship.partedVersion : 0 };
  }

  // What has ended has no members, also before the directory's word of it is here.
  #isMember(userId: string): boolean {
    if (!this.#initialised || this.#couple.relationship.status === "ended") return false;
    return this.#couple.members.some((member) => member.userId === userId);
  }
}
