import type { Sql } from "./sql.ts";
import { assert } from "../lib/assert.ts";
import type { RelationshipStatus } from "./membership/rules.ts";
import {
  findLease,
  findRelationship,
  listAwardedIds,
  listMembers,
  listNewestCommandIds,
  listStreamHeads,
} from "./store.ts";

export interface Relationship {
  id: string;
  status: RelationshipStatus;
  type: string;
  startDate: string | null;
  anniversaryDate: string | null;
  /** The zone whose calendar labels the couple's days. */
  homeTimezone: string;
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
}

interface Loaded {
  relationship: Relationship;
  members: readonly Member[];
  heads: Map<string, number>;
  newestCommandIds: Map<string, string>;
  awards: Set<string>;
  lease: Lease | null;
}

/** While it lasts, nobody may write here: its holder is moving the owner into another relationship. */
export interface Lease {
  holder: string;
  expiresAt: number;
}

/**
 * What nearly every command needs, read once per life of the object instead of once per command. It is a copy of rows:
 * whoever writes these rows by another way, and whoever rolls back, calls `forget`.
 */
export class Couple {
  readonly sql: Sql;
  /** Grows whenever somebody plans or drops a job, so that the alarm is looked at again. */
  planVersion = 0;
  #loaded: Loaded | undefined;

  constructor(sql: Sql) {
    this.sql = sql;
  }

  forget(): void {
    this.#loaded = undefined;
  }

  get relationship(): Relationship {
    return this.#load().relationship;
  }

  /** Current members, by slot. */
  get members(): readonly Member[] {
    return this.#load().members;
  }

  /** Achievements that are already earned. */
  get awards(): Set<string> {
    return this.#load().awards;
  }

  /** Whether somebody other than `except` holds the lease. */
  isLeased(now: number, except?: string): boolean {
    const lease = this.#load().lease;
    return lease !== null && lease.expiresAt > now && lease.holder !== except;
  }

  head(stream: string): number {
    return this.#load().heads.get(stream) ?? 0;
  }

  nextSeq(stream: string): number {
    const seq = this.head(stream) + 1;
    this.#load().heads.set(stream, seq);
    return seq;
  }

  /**
   * Whether `commandId` may have been used before. Ids sort by time, so one that is newer than every receipt of its
   * member is surely new, and the usual command needs no look-up.
   */
  mayBeRepeated(memberId: string, commandId: string): boolean {
    const newest = this.#load().newestCommandIds.get(memberId);
    return newest !== undefined && commandId <= newest;
  }

  noteCommandId(memberId: string, commandId: string): void {
    if (!this.mayBeRepeated(memberId, commandId)) this.#load().newestCommandIds.set(memberId, commandId);
  }

  #load(): Loaded {
    this.#loaded ??= load(this.sql);
    return this.#loaded;
  }
}

function load(sql: Sql): Loaded {
  const relationship = findRelationship(sql);
  assert(relationship !== null, "the relationship object is initialised");
  return {
    relationship,
    members: listMembers(sql),
    heads: new Map(listStreamHeads(sql).map(({ stream, seq }) => [stream, seq])),
    newestCommandIds: new Map(listNewestCommandIds(sql).map((row) => [row.memberId, row.commandId])),
    awards: new Set(listAwardedIds(sql)),
    lease: findLease(sql),
  };
}
