import type * as z from "zod";
import type { IdKind } from "../protocol/ids.ts";
import type { Metric } from "./achievements/catalogue.ts";
import type { ClosedMonths } from "./checkins/day-book.ts";
import type { Pause } from "./checkins/streaks.ts";
import type { EventDefinition } from "./events.ts";
import type { Relationship, Member } from "./couple.ts";
import type { Sql } from "./sql.ts";

export interface EmitOptions {
  subjectId?: string;
  /** Whose own stream gets the event; without it the couple's stream does. */
  to?: string;
  /** Leaves out who did it. */
  anonymous?: boolean;
}

/** What a job of the object's own schedule can use. */
export interface Context {
  sql: Sql;
  /** Epoch milliseconds, the same for the whole operation. */
  now: number;
  relationship: Relationship;
  /** Current members, by slot. One when alone. */
  members: readonly Member[];
  /** True while one person is alone here; what is written then stays that person's own. */
  solo: boolean;
  /** Days on which the relationship was paused; streaks pass over them. */
  pauses: readonly Pause[];
  /** What is kept in memory of days of long ago. */
  closedMonths: ClosedMonths;
  /** Signs addresses of photos. */
  addressKey: string;
  newId(kind: IdKind): string;
  /** Writes an event to the log and counts it. `data` carries ids and facts, no text. */
  emit<D extends z.ZodType>(event: EventDefinition<string, D>, data: z.output<D>, options?: EmitOptions): void;
  /** Names a metric that this write may have moved; achievements on it are re-evaluated before the commit. */
  touch(...metrics: Metric[]): void;
  /** Plans (or moves) the job `kind`/`key` for `dueAt`. */
  schedule(kind: string, key: string, dueAt: number): void;
  unschedule(kind: string, key: string): void;
  /** To be called after a write to the relationship's own row: it is read again before it is next asked for. */
  relationshipChanged(): void;
  /** Closes every socket of both, and makes their tokens worthless, once the answer is out. */
  closeSockets(): void;
}

/** What a command or query of a member can use. */
export interface MemberContext extends Context {
  me: Member;
  partner: Member | null;
  /** The acting member's own calendar day, `YYYY-MM-DD`. */
  today: string;
}
