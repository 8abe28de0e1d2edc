import { CONTENT } from "../domain/content.ts";
import {
  exportInboxService,
  exportKeptService,
  exportMonthsService,
  exportPageService,
  type ExportedNotification,
  type ExportKept,
  type ExportMonths,
} from "../domain/export/services.ts";
import type { After, ContentRow } from "../domain/export/store.ts";
import type * as z from "zod";
import type { AchievementView, pointsPage } from "../domain/achievements/schema.ts";
import type { Preferences } from "../domain/inbox/preferences.ts";
import type { Profile } from "../domain/membership/schema.ts";
import { findProfile, type ProfileRow } from "../db/users.ts";
import { AppError } from "../protocol/errors.ts";
import { callRelationship, callService } from "../relationship/stub.ts";

/** Whose data, and where they are. */
export interface Exporter {
  env: Env;
  relationshipId: string;
  userId: string;
  /** Epoch milliseconds at which the person last proved who they are. */
  signedInAt: number;
  /** Epoch milliseconds. */
  now: number;
}

/** Everything but the rows of the tables and the inbox, which are read page by page. */
export interface Overview {
  account: Account | null;
  profile: Profile;
  achievements: AchievementView[];
  points: z.output<typeof pointsPage>;
  preferences: Preferences;
  months: ExportMonths;
  kept: ExportKept;
}

export type Account = Omit<ProfileRow, "email_verified" | "profile_version">;

const LEDGER_ROWS = 100;

/** What the person themselves would be answered, asked in their name. */
async function ask<Answer>(exporter: Exporter, name: string, input: unknown): Promise<Answer> {
  const { env, relationshipId, userId, signedInAt, now } = exporter;
  const request = { kind: "query" as const, name, input, commandId: null, userId, signedInAt, now };
  const reply = await callRelationship(env, relationshipId, (stub) => stub.execute(request));
  if (!reply.ok) throw new AppError(reply.error.code, reply.error.message, reply.error.details);
  return (JSON.parse(reply.json) as { data: Answer }).data;
}

/** @throws AppError `not_found` for whoever is nobody there, `relationship_not_writable` where nothing can be taken */
export async function readOverview(exporter: Exporter): Promise<Overview> {
  const { env, relationshipId, userId, now } = exporter;
  // First, since it is the one that refuses.
  const months = await callService(env, relationshipId, exportMonthsService, { userId }, now);
  const [account, profile, kept, achievements, points, preferences] = await Promise.all([
    findProfile(env.DB, userId),
    ask<Profile>(exporter, "membership.get", {}),
    callService(env, relationshipId, exportKeptService, { userId }, now),
    ask<{ items: AchievementView[] }>(exporter, "achievements.list", {}),
    ask<z.output<typeof pointsPage>>(exporter, "achievements.points", { limit: LEDGER_ROWS }),
    ask<Preferences>(exporter, "inbox.get_preferences", {}),
  ]);
  return {
    account: toAccount(account),
    profile,
    achievements: achievements.items,
    points,
    preferences,
    months,
    kept,
  };
}

function toAccount(row: ProfileRow | null): Account | null {
  if (row === null) return null;
  const { email_verified: _verified, profile_version: _version, ...account } = row;
  return account;
}

/** The tables, parents before their children, each with its rows page by page. */
export async function* readTables(
  exporter: Exporter,
): AsyncGenerator<{ table: string; rows: AsyncGenerator<ContentRow[]> }> {
  for (const { table } of CONTENT) yield { table, rows: readRows(exporter, table) };
}

async function* readRows({ env, relationshipId, userId, now }: Exporter, table: string): AsyncGenerator<ContentRow[]> {
  for (let after: After | null = null, first = true; first || after !== null; first = false) {
    const page: { rows: ContentRow[]; after: After | null } = await callService(
      env,
      relationshipId,
      exportPageService,
      { userId, table, after },
      now,
    );
    yield page.rows;
    after = page.after;
  }
}

/** The requester's own notifications, newest first, also those that they put away. */
export async function* readInbox({
  env,
  relationshipId,
  userId,
  now,
}: Exporter): AsyncGenerator<ExportedNotification[]> {
  for (let beforeId: string | null = null, first = true; first || beforeId !== null; first = false) {
    const page: { items: ExportedNotification[]; beforeId: string | null } = await callService(
      env,
      relationshipId,
      exportInboxService,
      { userId, beforeId },
      now,
    );
    yield page.items;
    beforeId = page.beforeId;
  }
}

/** `parts` as bytes, made as fast as they are read. What fails on the way breaks the answer off; half is never whole. */
export function streamOf(parts: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await parts.next();
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await parts.return(undefined);
    },
  });
}
