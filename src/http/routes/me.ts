import type { Context } from "hono";
import { Hono } from "hono";
import type { ProfileChange } from "../../auth/input.ts";
import { profileChangeSchema } from "../../auth/input.ts";
import { sessionCookie } from "../../auth/session-token.ts";
import { eraseAccountSchema } from "../../compliance/input.ts";
import { eraseAccount } from "../../compliance/erasure.ts";
import { listLooks } from "../../db/audit-log.ts";
import { listLiveMembershipStatement } from "../../db/members.ts";
import { listLiveSessions } from "../../db/sessions.ts";
import type { ProfileFields, ProfileRow } from "../../db/users.ts";
import { findProfile, updateProfileStatement } from "../../db/users.ts";
import { config } from "../../lib/config.ts";
import { markMembershipChanged } from "../../pairing/membership.ts";
import { deliverSoon } from "../../pairing/outbox.ts";
import { AppError } from "../../protocol/errors.ts";
import type { AppEnv } from "../app-env.ts";
import { requireFreshSignIn } from "../middleware/fresh-sign-in.ts";
import { requireSession } from "../middleware/session.ts";
import { parseBody } from "../middleware/validate.ts";

/** /api/me: the person who is signed in. */
export const me = new Hono<AppEnv>();

me.use(requireSession);

me.get("/", async (c) => c.json({ user: await requireProfile(c) }));

me.patch("/", async (c) => {
  const change = await parseBody(c, profileChangeSchema);
  const { userId } = c.var.session;
  const [live] = await c.env.DB.batch<{ relationship_id: string }>([
    listLiveMembershipStatement(c.env.DB, userId),
    updateProfileStatement(c.env.DB, userId, toColumns(change), c.var.now),
    ...markMembershipChanged(c.env.DB, userId, c.var.now),
  ]);
  deliverSoon(c.env, c.var.now, live?.results.slice(0, 1).map((row) => row.relationship_id) ?? []);
  return c.json({ user: await requireProfile(c) });
});

/** For good. What had to wait for somebody else goes on without the person. */
me.delete("/", requireFreshSignIn, async (c) => {
  await parseBody(c, eraseAccountSchema);
  const { userId, email } = c.var.session;
  const certificate = await eraseAccount(c.env, { userId, email }, c.var.now);
  c.header("set-cookie", sessionCookie("", config(c.env).APP_URL, 0));
  return c.json({ status: certificate.finishedAt === null ? "erasing" : "erased", certificate });
});

me.get("/sessions", async (c) => c.json(await listOwnSessions(c)));

/** Who looked at relationships of mine is still mine to know when I have left them, or when they are gone. */
me.get("/audit", async (c) => c.json({ looks: await listLooks(c.env.DB, c.var.session.userId, null) }));

/** Devices by coarse family, the newest first. Tokens stay where they are. */
export async function listOwnSessions(c: Context<AppEnv>): Promise<{ sessions: unknown[] }> {
  const rows = await listLiveSessions(c.env.DB, c.var.session.userId, c.var.now);
  return {
    sessions: rows.map((row) => ({
      id: row.id,
      current: row.id === c.var.session.sessionId,
      createdAt: Date.parse(row.created_at),
      // Extended once a day at most, so this says the day and no more.
      lastUsedAt: Date.parse(row.updated_at),
      expiresAt: Date.parse(row.expires_at),
      deviceClass: row.device_class,
      browserFamily: row.browser_family,
      osFamily: row.os_family,
    })),
  };
}

async function requireProfile(c: Context<AppEnv>): Promise<Record<string, unknown>> {
  const row = await findProfile(c.env.DB, c.var.session.userId);
  if (row === null) throw new AppError("unauthenticated", "Please sign in");
  return toProfile(row);
}

function toProfile(row: ProfileRow): Record<string, unknown> {
  return {
    id: row.id,
    email: row.email,
    emailVerified: row.email_verified === 1,
    name: row.name,
    nickname: row.nickname,
    profilePhotoUrl: row.profile_photo_url,
    phoneNumber: row.phone_number,
    timezone: row.timezone,
    loveLanguagePrimary: row.love_language_primary,
    loveLanguageSecondary: row.love_language_secondary,
    role: row.role,
    profileVersion: row.profile_version,
    createdAt: Date.parse(row.created_at),
  };
}

// Fields that were not named are undefined here, and JSON leaves them out.
function toColumns(change: ProfileChange): Partial<ProfileFields> {
  return JSON.parse(
    JSON.stringify({
      name: change.name,
      nickname: change.nickname,
      phone_number: change.phoneNumber,
      timezone: change.timezone,
      love_language_primary: change.loveLanguagePrimary,
      love_language_secondary: change.loveLanguageSecondary,
    }),
  ) as Partial<ProfileFields>;
}
