import { createHash, randomBytes } from "node:crypto";
import type { Sql } from "../domain/sql.ts";
import type { Actor } from "../protocol/actor.ts";
import { RESUME_TOKEN_TTL_MS, TICKET_TTL_MS } from "../protocol/limits.ts";

export type TokenKind = "ticket" | "resume";

const TTL_MS: Record<TokenKind, number> = { ticket: TICKET_TTL_MS, resume: RESUME_TOKEN_TTL_MS };

/** One-use secrets that open a socket, kept as SHA-256 hashes; a resume token spares a reconnect its session query. */
export class Tickets {
  readonly #sql: Sql;
  // Sessions that ended lately; read once per life of the object.
  #ended: Set<string> | undefined;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** A secret of 192 random bits for one socket of `actor`'s session. */
  issue(kind: TokenKind, actor: Actor, now: number): { token: string; expiresAt: number } {
    const token = randomBytes(24).toString("base64url");
    const expiresAt = Math.min(now + TTL_MS[kind], actor.sessionExpiresAt);
    this.#sql.run(
      `INSERT INTO socket_tokens (token_hash, kind, user_id, session_id, session_expires_at, signed_in_at, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      hash(token),
      kind,
      actor.userId,
      actor.sessionId,
      actor.sessionExpiresAt,
      actor.signedInAt,
      expiresAt,
    );
    return { token, expiresAt };
  }

  /** Who may open a socket with `token`, which is worth nothing afterwards; null when it was worth nothing before. */
  consume(kind: TokenKind, token: string, now: number): Actor | null {
    const row = this.#sql.first<Actor & { expiresAt: number }>(
      `DELETE FROM socket_tokens WHERE token_hash = ? AND kind = ?
       RETURNING user_id AS userId, session_id AS sessionId, session_expires_at AS sessionExpiresAt,
         signed_in_at AS signedInAt, expires_at AS expiresAt`,
      hash(token),
      kind,
    );
    if (row === null || row.expiresAt <= now || this.hasEnded(row.sessionId)) return null;
    const { expiresAt: _expiresAt, ...actor } = row;
    return actor;
  }

  /** Makes every token of the session worthless, for good. */
  endSession(sessionId: string, now: number): void {
    this.#sql.run("DELETE FROM socket_tokens WHERE session_id = ?", sessionId);
    this.#sql.run(
      "INSERT INTO ended_sessions (session_id, ended_at) VALUES (?, ?) ON CONFLICT DO NOTHING",
      sessionId,
      now,
    );
    this.#ended?.add(sessionId);
  }

  /** Makes every token of everybody worthless; whoever is still a member may ask for a new one. */
  clear(): void {
    this.#sql.run("DELETE FROM socket_tokens");
  }

  hasEnded(sessionId: string): boolean {
    this.#ended ??= new Set(
      this.#sql.all<{ id: string }>("SELECT session_id AS id FROM ended_sessions").map((row) => row.id),
    );
    return this.#ended.has(sessionId);
  }

  /** Whether there is anything that will have to be forgotten. */
  any(): boolean {
    return (
      this.#sql.first("SELECT 1 FROM socket_tokens LIMIT 1") !== null ||
      this.#sql.first("SELECT 1 FROM ended_sessions LIMIT 1") !== null
    );
  }

  /** Forgets tokens that expired, and ended sessions whose last token must have expired meanwhile. */
  prune(now: number): void {
    this.#sql.run("DELETE FROM socket_tokens WHERE expires_at <= ?", now);
    this.#sql.run("DELETE FROM ended_sessions WHERE ended_at <= ?", now - 2 * RESUME_TOKEN_TTL_MS);
    this.#ended = undefined;
  }
}

function hash(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}
