import { newId, type IdKind } from "../protocol/ids.ts";
import type * as z from "zod";
import type { Metric } from "./achievements/catalogue.ts";
import { localDate } from "./calendar.ts";
import type { ClosedMonths } from "./checkins/day-book.ts";
import type { Pause } from "./checkins/streaks.ts";
import type { Context, EmitOptions, MemberContext } from "./context.ts";
import type { Couple, Member, Relationship } from "./couple.ts";
import { COUPLE_STREAM, type EventDefinition, type LoggedEvent } from "./events.ts";
import type { Sql } from "./sql.ts";
import { deleteJob, insertEvent, upsertJob } from "./store.ts";

const NOBODY = "system";

/** The context of one operation, and what it did so far. */
export class Scope implements Context {
  readonly sql: Sql;
  readonly now: number;
  readonly couple: Couple;
  readonly events: LoggedEvent[] = [];
  readonly touched = new Set<Metric>();
  /** Whether every socket is to be closed once this is committed. */
  closesSockets = false;
  readonly #actorId: string;

  constructor(couple: Couple, now: number, actorId = NOBODY) {
    this.couple = couple;
    this.sql = couple.sql;
    this.now = now;
    this.#actorId = actorId;
  }

  get relationship(): Relationship {
    return this.couple.relationship;
  }

  get members(): readonly Member[] {
    return this.couple.members;
  }

  get solo(): boolean {
    return this.relationship.status === "solo";
  }

  get pauses(): readonly Pause[] {
    return this.couple.pauses;
  }

  get closedMonths(): ClosedMonths {
    return this.couple.closedMonths;
  }

  get addressKey(): string {
    return this.couple.addressKey;
  }

  newId(kind: IdKind): string {
    return newId(kind, this.now);
  }

  emit<D extends z.ZodType>(event: EventDefinition<string, D>, data: z.output<D>, options: EmitOptions = {}): void {
    // What a person does alone stays in their own stream, so that a partner who joins later finds no trace of it.
    const stream = options.to ?? (this.solo ? (this.members[0]?.userId ?? COUPLE_STREAM) : COUPLE_STREAM);
    const logged: LoggedEvent = {
      stream,
      seq: this.couple.nextSeq(stream),
      name: event.name,
      actorId: options.anonymous === true ? NOBODY : this.#actorId,
      occurredAt: this.now,
      subjectId: options.subjectId ?? null,
      data: JSON.stringify(data),
    };
    insertEvent(this.sql, logged, event.counted && (this.solo || stream === COUPLE_STREAM));
    this.events.push(logged);
  }

  touch(...metrics: Metric[]): void {
    for (const metric of metrics) this.touched.add(metric);
  }

  schedule(kind: string, key: string, dueAt: number): void {
    upsertJob(this.sql, kind, key, dueAt);
    this.couple.planVersion += 1;
  }

  unschedule(kind: string, key: string): void {
    deleteJob(this.sql, kind, key);
    this.couple.planVersion += 1;
  }

  relationshipChanged(): void {
    this.couple.forget();
  }

  closeSockets(): void {
    this.closesSockets = true;
  }
}

/** The context of one operation of a member. */
export class MemberScope extends Scope implements MemberContext {
  readonly me: Member;

  constructor(couple: Couple, now: number, me: Member) {
    super(couple, now, me.userId);
    this.me = me;
  }

  get partner(): Member | null {
    return this.members.find((member) => member.userId !== this.me.userId) ?? null;
  }

  get today(): string {
    return localDate(this.now, this.me.timezone);
  }
}
