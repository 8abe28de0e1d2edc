import type { Sql } from "./sql.ts";
import { assert } from "../lib/assert.ts";
import type { RelationshipStatus } from "./membership/rules.ts";
import { findLease, findRelationship, findSourceSeq, listAwardedIds, listMembers, listStreamHeads } from "./store.ts";

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
  sourceSeq: number;
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
 * whoever writes these rows outside `nextSeq` and `nextSourceSeq`, and whoever rolls back, calls `forget`.
 */
export class Couple {
  readonly sql: Sql;
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

  /** Grows with every counted event of this object, and orders what is copied to D1. */
  nextSourceSeq(): number {
    return ++this.#load().sourceSeq;
  }

  get sourceSeq(): number {
    return this.#load().sourceSeq;
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
    sourceSeq: findSourceSeq(sql),
    awards: new Set(listAwardedIds(sql)),
    lease: findLease(sql),
  };
}
