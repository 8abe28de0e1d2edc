import { env } from "cloudflare:workers";
import { relationshipStub } from "../../src/relationship/stub.ts";
import type { ExecuteReply } from "../../src/relationship/replies.ts";
import { findOperation } from "../../src/domain/registry.ts";
import type { ErrorBody } from "../../src/protocol/errors.ts";
import { newId, uuidv7 } from "../../src/protocol/ids.ts";
import type { MembershipState } from "../../src/protocol/membership.ts";
import { insertDirectoryRows } from "./directory.ts";

export const NOON = Date.UTC(2026, 5, 15, 12);

interface RunOptions {
  signedInAt?: number;
  /** Epoch milliseconds; noon UTC of 2026-06-15 unless told. */
  now?: number;
  commandId?: string;
}

/** One member of a couple in a test, speaking to the real object by RPC. */
export class TestMember {
  readonly userId: string;
  readonly relationshipId: string;

  constructor(relationshipId: string, userId: string) {
    this.relationshipId = relationshipId;
    this.userId = userId;
  }

  async reply(name: string, input: unknown = {}, options: RunOptions = {}): Promise<ExecuteReply> {
    const now = options.now ?? NOON;
    const kind = findOperation(name)?.kind ?? "command";
    const commandId = kind === "command" ? (options.commandId ?? uuidv7(now)) : null;
    const request = { kind, name, input, userId: this.userId, signedInAt: options.signedInAt ?? now, commandId, now };
    return relationshipStub(env, this.relationshipId).execute(request);
  }

  /** The data of a command or query that must succeed; its shape is held against the output schema. */
  async run<T = Record<string, unknown>>(name: string, input: unknown = {}, options: RunOptions = {}): Promise<T> {
    const reply = await this.reply(name, input, options);
    if (!reply.ok) throw new Error(`${name} was refused: ${JSON.stringify(reply.error)}`);
    const { data } = JSON.parse(reply.json) as { data: unknown };
    findOperation(name)?.output.parse(data);
    return data as T;
  }

  /** The refusal of a command or query that must not succeed. */
  async refused(name: string, input: unknown = {}, options: RunOptions = {}): Promise<ErrorBody> {
    const reply = await this.reply(name, input, options);
    if (reply.ok) throw new Error(`${name} was expected to be refused and answered ${reply.json}`);
    return reply.error;
  }
}

export interface TestCouple {
  relationshipId: string;
  a: TestMember;
  b: TestMember;
  state: MembershipState;
}

interface CoupleOptions {
  zones?: [string, string];
  homeTimezone?: string;
  startDate?: string;
  createdAt?: number;
  /** Accounts that exist already. */
  userIds?: [string, string];
}

function memberOf(
  userId: string,
  slot: 1 | 2,
  name: string,
  timezone: string,
  joinedAt: number,
): MembershipState["members"][number] {
  return { userId, slot, displayName: name, timezone, joinedAt, leftAt: null };
}

/** A fresh object with one member. */
export async function createSolo(options: CoupleOptions = {}): Promise<TestCouple> {
  const createdAt = options.createdAt ?? Date.UTC(2020, 0, 1);
  const relationshipId = newId("relationship", createdAt);
  const [zoneA] = options.zones ?? ["UTC", "UTC"];
  const suffix = relationshipId.slice(-12);
  const [a, b] = options.userIds ?? [`user-a-${suffix}`, `user-b-${suffix}`];
  const state: MembershipState = {
    relationshipId,
    version: 1,
    statusVersion: 1,
    status: "solo",
    relationshipType: "partnership",
    startDate: options.startDate ?? null,
    anniversaryDate: null,
    homeTimezone: options.homeTimezone ?? zoneA,
    createdAt,
    now: createdAt,
    members: [memberOf(a, 1, "Ada", zoneA, createdAt)],
  };
  await insertDirectoryRows(state);
  await relationshipStub(env, relationshipId).applyMembership(state);
  return { relationshipId, a: new TestMember(relationshipId, a), b: new TestMember(relationshipId, b), state };
}

/** Brings the second member into a solo object, as an accepted invitation does. */
export async function join(solo: TestCouple, zoneB = "UTC", now = solo.state.createdAt): Promise<TestCouple> {
  const state: MembershipState = {
    ...solo.state,
    version: solo.state.version + 1,
    statusVersion: solo.state.statusVersion + 1,
    status: "active",
    now,
    members: [...solo.state.members, memberOf(solo.b.userId, 2, "Grace", zoneB, now)],
  };
  await insertDirectoryRows(state);
  await relationshipStub(env, solo.relationshipId).applyMembership(state);
  return { ...solo, state };
}

/** A fresh object with two members. */
export async function createCouple(options: CoupleOptions = {}): Promise<TestCouple> {
  return join(await createSolo(options), options.zones?.[1] ?? "UTC");
}
