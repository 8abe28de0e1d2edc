import type { Sql } from "./sql.ts";
import { assert } from "../lib/assert.ts";
import { ClosedMonths } from "./checkins/day-book.ts";
import { listPauses } from "./checkins/store.ts";
import type { Pause } from "./checkins/streaks.ts";
import type { RelationshipStatus } from "./membership/rules.ts";
import type { PartingChoice } from "./parting/rules.ts";
import { findHead, findNewestCommandId, findRelationship, listAwardedIds, listMembers } from "./store.ts";

export interface Relationship {
  id: string;
  status: RelationshipStatus;
  /** Grows with each change of status; of two reports the greater one is the newer. */
  statusVersion: number;
  /** When both were parted (epoch milliseconds); null unless frozen or ended by parting. */
  frozenAt: number | null;
  /** The status version of the last parting, 0 before the first: sockets that are older than it are closed. */
  partedVersion: number;
  type: string;
  startDate: string | null;
  anniversaryDate: string | null;
  /** The zone whose calendar labels the couple's days. */
  homeTimezone: string;
  /** Grows with each edit of type, dates or home zone. */
  profileVersion: number;
  membershipVersion: number;
  /** Grows when the object is restored from a backup, so that copies made since then can be replaced. */
  epoch: number;
  createdAt: number;
}

export interface Member {
  userId: string;
  slot: number;
  displayName: string;
  timezone: string;
  joinedAt: number;
  leftAt: number | null;
  /** JSON of what this member chose about notifications; read it by `preferencesOf`. */
  preferences: string;
  /** 1 when this member does not want to be shown streaks. */
  hidesStreaks: number;
  /** What happens to this member's part after the thirty days of a parting. */
  choice: PartingChoice;
  /** Epoch milliseconds; null while the account exists. */
  erasedAt: number | null;
}

/**
 * What nearly every command needs, each read on first use and then once per life of the object. It is a copy of rows:
 * whoever writes these rows by another way, and whoever rolls back, calls `forget`.
 */
export class Couple {
  readonly sql: Sql;
  /** Signs addresses of photos; empty where nobody asks for any. */
  readonly addressKey: string;
  /** Grows whenever somebody plans or drops a job, so that the alarm is looked at again. */
  planVersion = 0;
  /** Which days of long ago count for streaks. */
  readonly closedMonths = new ClosedMonths();
  #relationship: Relationship | undefined;
  #members: readonly Member[] | undefined;
  readonly #heads = new Map<string, number>();
  readonly #newestCommandIds = new Map<string, string | null>();
  #awards: Set<string> | undefined;
  #pauses: readonly Pause[] | undefined;

  constructor(sql: Sql, addressKey = "") {
    this.sql = sql;
    this.addressKey = addressKey;
  }

  forget(): void {
    this.#relationship = undefined;
    this.#members = undefined;
    this.#heads.clear();
    this.#newestCommandIds.clear();
    this.#awards = undefined;
    this.#pauses = undefined;
    this.closedMonths.forget();
  }

  get relationship(): Relationship {
    if (this.#relationship === undefined) {
      const relationship = findRelationship(this.sql);
      assert(relationship !== null, "the relationship object is initialised");
      this.#relationship = relationship;
    }
    return this.#relationship;
  }

  /** Current members, by slot. */
  get members(): readonly Member[] {
    this.#members ??= listMembers(this.sql);
    return this.#members;
  }

  /** Spans of days on which nothing is asked of anybody, the oldest first. */
  get pauses(): readonly Pause[] {
    this.#pauses ??= listPauses(this.sql);
    return this.#pauses;
  }

  /** Achievements that are already earned. */
  get awards(): Set<string> {
    this.#awards ??= new Set(listAwardedIds(this.sql));
    return this.#awards;
  }

  head(stream: string): number {
    let seq = this.#heads.get(stream);
    if (seq === undefined) {
      seq = findHead(this.sql, stream);
      this.#heads.set(stream, seq);
    }
    return seq;
  }

  nextSeq(stream: string): number {
    const seq = this.head(stream) + 1;
    this.#heads.set(stream, seq);
    return seq;
  }

  /**
   * Whether `commandId` may have been used before. Ids sort by time, so one that is newer than every receipt of its
   * member is surely new, and the usual command needs no look-up.
   */
  mayBeRepeated(memberId: string, commandId: string): boolean {
    let newest = this.#newestCommandIds.get(memberId);
    if (newest === undefined) {
      newest = findNewestCommandId(this.sql, memberId);
      this.#newestCommandIds.set(memberId, newest);
    }
    return newest !== null && commandId <= newest;
  }

  noteCommandId(memberId: string, commandId: string): void {
    if (!this.mayBeRepeated(memberId, commandId)) this.#newestCommandIds.set(memberId, commandId);
  }
}
