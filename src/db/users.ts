export type LoveLanguage =
  | "words_of_affirmation"
  | "quality_time"
  | "physical_touch"
  | "acts_of_service"
  | "receiving_gifts";

/** What a person may see and change of themselves. */
export interface ProfileRow {
  id: string;
  email: string;
  email_verified: 0 | 1;
  name: string;
  nickname: string | null;
  profile_photo_url: string | null;
  phone_number: string | null;
  timezone: string;
  love_language_primary: LoveLanguage | null;
  love_language_secondary: LoveLanguage | null;
  role: "user" | "support" | "finance" | "admin";
  profile_version: number;
  created_at: string;
}

export type ProfileFields = Pick<
  ProfileRow,
  "name" | "nickname" | "phone_number" | "timezone" | "love_language_primary" | "love_language_secondary"
>;

export async function findProfile(db: D1Database, userId: string): Promise<ProfileRow | null> {
  return db
    .prepare(
      `SELECT id, email, email_verified, name, nickname, profile_photo_url, phone_number, timezone,
         love_language_primary, love_language_secondary, role, profile_version, created_at
       FROM users WHERE id = ? AND erased_at IS NULL`,
    )
    .bind(userId)
    .first<ProfileRow>();
}

/**
 * Changes the fields that `change` names, null included, and leaves the others; the version grows so that objects take
 * the new profile for newer.
 */
export function updateProfileStatement(
  db: D1Database,
  userId: string,
  change: Partial<ProfileFields>,
  now: number,
): D1PreparedStatement {
  // JSON tells "set to null" (a key with null) from "leave" (no key), which bound parameters cannot.
  return db
    .prepare(
      `UPDATE users SET
         name = CASE WHEN json_type(?1, '$.name') IS NULL THEN name ELSE ?1 ->> 'name' END,
         nickname = CASE WHEN json_type(?1, '$.nickname') IS NULL THEN nickname ELSE ?1 ->> 'nickname' END,
         phone_number = CASE WHEN json_type(?1, '$.phone_number') IS NULL THEN phone_number ELSE ?1 ->> 'phone_number' END,
         timezone = CASE WHEN json_type(?1, '$.timezone') IS NULL THEN timezone ELSE ?1 ->> 'timezone' END,
         love_language_primary = CASE WHEN json_type(?1, '$.love_language_primary') IS NULL
           THEN love_language_primary ELSE ?1 ->> 'love_language_primary' END,
         love_language_secondary = CASE WHEN json_type(?1, '$.love_language_secondary') IS NULL
           THEN love_language_secondary ELSE ?1 ->> 'love_language_secondary' END,
         profile_version = profile_version + 1,
         updated_at = ?2
       WHERE id = ?3 AND erased_at IS NULL`,
    )
    .bind(JSON.stringify(change), new Date(now).toISOString(), userId);
}

/** The address is the person's: they acted on a link that only its mailbox received. */
export async function markEmailVerified(db: D1Database, userId: string, now: number): Promise<void> {
  await db
    .prepare(`UPDATE users SET email_verified = 1, updated_at = ? WHERE id = ? AND email_verified = 0`)
    .bind(new Date(now).toISOString(), userId)
    .run();
}
