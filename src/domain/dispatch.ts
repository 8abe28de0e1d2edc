import { fnv1a } from "../lib/fnv.ts";
import { AppError, type ErrorBody } from "../protocol/errors.ts";
import { isCommandId, uuidv7Time } from "../protocol/ids.ts";
import { fieldIssues } from "../protocol/issues.ts";
import { COMMAND_MAX_AGE_MS, COMMAND_MAX_AHEAD_MS, FRESH_SIGN_IN_MS } from "../protocol/limits.ts";
import { evaluateAchievements } from "./achievements/evaluate.ts";
import { localDate } from "./calendar.ts";
import type { Operation } from "./command.ts";
import type { Couple, Member } from "./couple.ts";
import { COUPLE_STREAM, type LoggedEvent } from "./events.ts";
import { can, isStep } from "./membership/rules.ts";
import { findOperation } from "./registry.ts";
import { MemberScope } from "./scope.ts";
import { findReceipt, insertReceipt } from "./store.ts";
import { illegalTransition } from "./transitions.ts";

export interface OperationRequest {
  kind: Operation["kind"];
  name: string;
  input: unknown;
  userId: string;
  /** UUIDv7 chosen by the client; queries have none. */
  commandId: string | null;
  /** Epoch milliseconds at which the person last proved who they are. */
  signedInAt: number;
  /** Epoch milliseconds. */
  now: number;
}

export type Outcome =
  /** `json` is `{"data":…,"cursors":{"couple":n,"own":n}}`, ready to be sent. */
  | { ok: true; json: string; events: readonly LoggedEvent[]; replayed: boolean; closesSockets: boolean }
  | { ok: false; error: ErrorBody };

const SECOND_OFFSET = 0x5bd1e995;
const NO_EVENTS: readonly LoggedEvent[] = [];

/** The one path of everything a member does or asks: find, parse, authorise, run in one transaction. */
export class Dispatcher {
  readonly #couple: Couple;
  // Answers of cacheable queries, valid until the next write.
  readonly #answers = new Map<string, string>();

  constructor(couple: Couple) {
    this.#couple = couple;
  }

  /** Forgets what was derived from rows, because somebody else wrote some. */
  forget(): void {
    this.#answers.clear();
    this.#couple.forget();
  }

  memberIds(): string[] {
    return this.#couple.members.map((member) => member.userId);
  }

  isMember(userId: string): boolean {
    return this.#couple.members.some((member) => member.userId === userId);
  }

  /** Expected refusals are values. Whatever is thrown from here is a bug, and nothing was written. */
  dispatch(request: OperationRequest): Outcome {
    try {
      const operation = findOperation(request.name);
      if (operation === null || operation.kind !== request.kind) {
        throw new AppError("unknown_command", `There is no such ${request.kind}`);
      }
      const me = this.#requireMember(request.userId);
      const input = parseInput(operation, request.input);
      return operation.kind === "query"
        ? this.#query(operation, input, me, request.now)
        : this.#command(operation, input, me, request);
    } catch (error) {
      if (error instanceof AppError) return { ok: false, error: error.body };
      throw error;
    }
  }

  #requireMember(userId: string): Member {
    const me = this.#couple.members.find((member) => member.userId === userId);
    if (me === undefined) throw new AppError("not_found", "No such relationship");
    return me;
  }

  #requireCapability(operation: Operation): void {
    const { status } = this.#couple.relationship;
    if (!can(status, operation.capability)) {
      if (isStep(operation.capability)) throw illegalTransition(status);
      throw new AppError("relationship_not_writable", "The relationship's state does not allow this", {
        current: status,
      });
    }
  }

  #query(operation: Operation, input: unknown, me: Member, now: number): Outcome {
    this.#requireCapability(operation);
    const key = operation.cacheable ? this.#answerKey(operation, input, me, now) : null;
    const known = key === null ? undefined : this.#answers.get(key);
    if (known !== undefined) return { ok: true, json: known, events: NO_EVENTS, replayed: false, closesSockets: false };
    const data = operation.run(new MemberScope(this.#couple, now, me), input);
    const json = this.#resultJson(data, me);
    if (key !== null) this.#answers.set(key, json);
    return { ok: true, json, events: NO_EVENTS, replayed: false, closesSockets: false };
  }

  // Between two writes an answer changes only when the day of a member or of the couple changes.
  #answerKey(operation: Operation, input: unknown, me: Member, now: number): string {
    const { members, relationship } = this.#couple;
    const days = members.map((member) => localDate(now, member.timezone));
    return [operation.name, me.userId, localDate(now, relationship.homeTimezone), ...days, JSON.stringify(input)].join(
      " ",
    );
  }

  #command(operation: Operation, input: unknown, me: Member, request: OperationRequest): Outcome {
    const commandId = requireCommandId(request.commandId, request.now);
    const inputHash = fingerprint(operation.name, input);
    const receipt = this.#couple.mayBeRepeated(me.userId, commandId)
      ? findReceipt(this.#couple.sql, me.userId, commandId)
      : null;
    if (receipt !== null) {
      if (receipt.inputHash !== inputHash) {
        throw new AppError("idempotency_conflict", "This command id was used with another input");
      }
      return { ok: true, json: receipt.result, events: NO_EVENTS, replayed: true, closesSockets: false };
    }
    // A repeated command gets its first answer, whatever became of the relationship since.
    this.#requireCapability(operation);
    if (operation.fresh) requireFresh(request);
    const scope = new MemberScope(this.#couple, request.now, me);
    try {
      return this.#couple.sql.transaction(() => {
        const data = operation.run(scope, input);
        if (scope.touched.size > 0) evaluateAchievements(scope, scope.touched, this.#couple.awards);
        const json = this.#resultJson(data, me);
        const kept = operation.receipt === undefined ? json : this.#keptJson(operation.receipt(data), me);
        if (kept !== null) {
          insertReceipt(this.#couple.sql, me.userId, commandId, { inputHash, result: kept }, request.now);
          this.#couple.noteCommandId(me.userId, commandId);
        }
        const { events, closesSockets } = scope;
        return { ok: true, json, events, replayed: false, closesSockets };
      });
    } catch (error) {
      // The rows are as before; sequences and awards in memory may be ahead of them.
      this.#couple.forget();
      throw error;
    } finally {
      this.#answers.clear();
    }
  }

  #keptJson(answer: unknown, me: Member): string | null {
    return answer === null ? null : this.#resultJson(answer, me);
  }

  #resultJson(data: unknown, me: Member): string {
    const couple = this.#couple.head(COUPLE_STREAM);
    const own = this.#couple.head(me.userId);
    return `{"data":${JSON.stringify(data)},"cursors":{"couple":${couple},"own":${own}}}`;
  }
}

function parseInput(operation: Operation, input: unknown): unknown {
  const parsed = operation.input.safeParse(input ?? {});
  if (!parsed.success) {
    throw new AppError("invalid_input", `The input of ${operation.name} is not valid`, {
      issues: fieldIssues(parsed.error),
    });
  }
  return parsed.data;
}

function requireCommandId(commandId: string | null, now: number): string {
  if (commandId === null || !isCommandId(commandId)) {
    const issues = [{ path: "id", message: "Expected a UUID version 7 chosen by the client" }];
    throw new AppError("invalid_input", "A command needs an id", { issues });
  }
  const issuedAt = uuidv7Time(commandId);
  if (issuedAt < now - COMMAND_MAX_AGE_MS || issuedAt > now + COMMAND_MAX_AHEAD_MS) {
    throw new AppError(
      "command_expired",
      "The command's id is too old or too far ahead to be told from a repeated one",
    );
  }
  return commandId;
}

/** @throws AppError `fresh_sign_in_required` when the person has not proved lately who they are */
function requireFresh({ signedInAt, now }: OperationRequest): void {
  if (signedInAt >= now - FRESH_SIGN_IN_MS) return;
  throw new AppError("fresh_sign_in_required", "Please confirm your password first", {
    withinSeconds: FRESH_SIGN_IN_MS / 1_000,
  });
}

/**
 * Tells a repeated command from another one under the same id. Only a member's own repetitions are ever compared, so
 * that 64 bits of a plain hash do; the schema puts keys in its own order, so equal inputs have equal fingerprints.
 */
function fingerprint(name: string, input: unknown): string {
  const text = `${name}\n${JSON.stringify(input)}`;
  return `${fnv1a(text).toString(36)}.${fnv1a(text, text.length ^ SECOND_OFFSET).toString(36)}`;
}
