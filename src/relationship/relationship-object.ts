import { DurableObject } from "cloudflare:workers";
import { isObjectOver } from "../db/absorptions.ts";
import type { OperationRequest } from "../domain/dispatch.ts";
import { applyMembership } from "../domain/membership/apply.ts";
import { noteAbsorptions } from "../domain/parting/absorb.ts";
import type { Sql } from "../domain/sql.ts";
import { now as clockNow } from "../lib/clock.ts";
import type { Actor } from "../protocol/actor.ts";
import { AppError } from "../protocol/errors.ts";
import { CLOSE } from "../protocol/frames.ts";
import { membershipStateSchema, type MembershipState } from "../protocol/membership.ts";
import { MEMBERSHIP_ENDED } from "./ending.ts";
import { isInitialised, migrate, SCHEMA_VERSION } from "./migrate.ts";
import { assemble, type Parts } from "./parts.ts";
import { internal, NOT_FOUND, type ExecuteReply, type ServeReply, type TicketReply } from "./replies.ts";
import { serve } from "./serve.ts";
import { sqlOf } from "./sql-storage.ts";
import { acceptUpgrade } from "./upgrade.ts";

/** One relationship: transport, schedule and storage around the domain, and no rule of its own. */
export class RelationshipObject extends DurableObject<Env> {
  readonly #sql: Sql;
  readonly #parts: Parts;
  #initialised: boolean;
  #schemaVersion = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sql = sqlOf(ctx.storage);
    this.#initialised = isInitialised(this.#sql);
    if (this.#initialised) this.#schemaVersion = migrate(this.#sql);
    this.#parts = assemble(ctx, () => this.env, { sql: this.#sql, isInitialised: () => this.#initialised });
  }

  /** The only door for REST. Expected refusals are values; a repeated command id gives the first result again. */
  async execute(request: OperationRequest): Promise<ExecuteReply> {
    if (!this.#initialised) return NOT_FOUND;
    try {
      const outcome = this.#parts.dispatcher.dispatch(request);
      if (!outcome.ok) return { ok: false, error: outcome.error };
      this.#parts.sockets.broadcast(outcome.events, clockNow());
      if (outcome.closesSockets) this.#parts.closeSockets();
      if (request.kind === "command") await this.#parts.alarms.afterWrite(request.now);
      return { ok: true, json: outcome.json };
    } catch (error) {
      return internal(error, { relationshipId: this.#parts.couple.relationship.id, command: request.name });
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
        const applied = applyMembership(this.#parts.couple, state, isNew);
        noteAbsorptions(this.#parts.couple, state);
        return applied;
      });
      this.#initialised = true;
    } finally {
      // Also when it failed: then the rows are as before, and what was read meanwhile is not.
      this.#parts.dispatcher.forget();
    }
    this.#parts.sockets.broadcast(result.events, clockNow());
    const { code, reason } = MEMBERSHIP_ENDED;
    this.#parts.sockets.closeWhere(({ actor }) => result.removed.includes(actor.userId), code, reason);
    await this.#parts.alarms.afterWrite(state.now);
    return {
      applied: result.applied,
      version: this.#parts.couple.relationship.membershipVersion,
      schemaVersion: this.#schemaVersion,
    };
  }

  /** What the Worker's side asks, by a service of `domain/services.ts`. Expected refusals are values. */
  async serve(name: string, input: unknown, now: number): Promise<ServeReply> {
    if (!this.#initialised) return NOT_FOUND;
    try {
      const { data, events, closesSockets, wrote } = serve(this.#parts.couple, this.#parts.shell, name, input, now);
      this.#parts.sockets.broadcast(events, clockNow());
      if (closesSockets) this.#parts.closeSockets();
      if (wrote) await this.#parts.alarms.afterWrite(now);
      return { ok: true, data };
    } catch (error) {
      if (error instanceof AppError) return { ok: false, error: error.body };
      return internal(error, { relationshipId: this.#parts.couple.relationship.id, command: name });
    } finally {
      this.#parts.dispatcher.forget();
    }
  }

  /** A one-use ticket that opens a socket within a minute. */
  async issueTicket(actor: Actor, now: number): Promise<TicketReply> {
    if (!this.#parts.isMember(actor.userId)) return NOT_FOUND;
    const { token, expiresAt } = this.#parts.tickets.issue("ticket", actor, now);
    await this.#parts.alarms.afterToken(now);
    return { ok: true, ticket: token, expiresAt };
  }

  /** Closes the session's sockets and makes its tokens worthless. */
  async endSession(sessionId: string, now: number): Promise<void> {
    if (!this.#initialised) return;
    this.#parts.tickets.endSession(sessionId, now);
    this.#parts.sockets.closeWhere(({ actor }) => actor.sessionId === sessionId, CLOSE.sessionEnded, "session ended");
    await this.#parts.alarms.afterToken(now);
  }

  /** Arms a lost alarm again. @returns when the object next wants to be awake */
  async ensureAlarm(): Promise<{ nextDueAt: number | null }> {
    return { nextDueAt: this.#initialised ? await this.#parts.alarms.ensure(clockNow()) : null };
  }

  /** Sends D1 everything again that the object still knows, after D1 was restored from a backup. */
  async replayFlush(): Promise<void> {
    if (this.#initialised) await this.#parts.alarms.replayFlush(clockNow());
  }

  /** The socket upgrade; nothing else arrives by fetch. */
  override async fetch(request: Request): Promise<Response> {
    if (!this.#initialised) return Response.json({ error: NOT_FOUND.error }, { status: 404 });
    const now = clockNow();
    const response = acceptUpgrade(request, this.#parts, now);
    if (response.status === 101) this.#parts.frames.announcePresence(now);
    await this.#parts.alarms.afterToken(now);
    return response;
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    await this.#parts.queue.push({ socket, message });
  }

  override async webSocketClose(socket: WebSocket, code: number): Promise<void> {
    // What was sent before the close is handled before it.
    await this.#parts.queue.drain();
    this.#parts.sockets.forget(socket);
    // The platform does not answer a close by itself, and refuses to send the reserved codes.
    this.#parts.sockets.close(socket, code === 1005 || code === 1006 || code === 1015 ? 1000 : code, "");
    this.#parts.frames.announcePresence(clockNow());
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    this.#parts.sockets.forget(socket);
    this.#parts.frames.announcePresence(clockNow());
  }

  override async alarm(): Promise<void> {
    if (this.#initialised && (await this.#parts.alarms.run(clockNow, this.#schemaVersion))) await this.#destroy();
  }

  // The constructor does not run again, so that this instance has to know by itself that it is nobody now.
  async #destroy(): Promise<void> {
    this.#parts.closeSockets();
    this.#initialised = false;
    this.#parts.dispatcher.forget();
    await this.ctx.storage.deleteAll();
    await this.ctx.storage.deleteAlarm();
  }
}
