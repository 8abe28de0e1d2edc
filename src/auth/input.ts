import * as z from "zod";
import { timezoneSchema } from "../domain/calendar.ts";
import { requiredText } from "../protocol/text.ts";

/** What the account routes accept. Every schema is strict: a field that we do not know is refused by name. */

// The longest address that SMTP can carry (RFC 5321 section 4.5.3.1.3).
const EMAIL_MAX_CHARACTERS = 254;
const PASSWORD_MIN_CHARACTERS = 8;
const PASSWORD_MAX_CHARACTERS = 128;

export const emailSchema = z
  .string()
  .trim()
  .max(EMAIL_MAX_CHARACTERS, `At most ${EMAIL_MAX_CHARACTERS} characters`)
  .toLowerCase()
  .pipe(z.email("Expected an e-mail address"));

export const passwordSchema = z
  .string()
  .min(PASSWORD_MIN_CHARACTERS, `At least ${PASSWORD_MIN_CHARACTERS} characters`)
  .max(PASSWORD_MAX_CHARACTERS, `At most ${PASSWORD_MAX_CHARACTERS} characters`)
  .refine((password) => password.isWellFormed(), "Contains characters that cannot be stored");

const tokenSchema = z.string().min(1, "Must not be empty").max(1_024, "Too long");

export const signUpSchema = z.strictObject({
  name: requiredText(100),
  email: emailSchema,
  password: passwordSchema,
  timezone: timezoneSchema.default("UTC"),
});

export const signInSchema = z.strictObject({
  email: emailSchema,
  // Not held to the rules for new passwords: what is wrong is wrong, and says no more.
  password: z
    .string()
    .min(1, "Must not be empty")
    .max(PASSWORD_MAX_CHARACTERS, `At most ${PASSWORD_MAX_CHARACTERS} characters`),
  /** `bearer` answers with a token and sets no cookie; `cookie` is for browsers. Without it, the origin decides. */
  transport: z.enum(["cookie", "bearer"]).optional(),
});

export const emailOnlySchema = z.strictObject({ email: emailSchema });

export const resetPasswordSchema = z.strictObject({ token: tokenSchema, newPassword: passwordSchema });

export const verifyEmailQuerySchema = z.strictObject({
  token: tokenSchema,
  // A path of our own site, so that the link cannot be bent into a redirect to somewhere else.
  callbackURL: z
    .string()
    .max(200, "Too long")
    .regex(/^\/(?![/\\])[\w\-./?=&%]*$/, "Expected a path of this site")
    .optional(),
});

export const resetPageQuerySchema = z.strictObject({ token: tokenSchema.optional() });

export const confirmIdentitySchema = z.strictObject({ password: z.string().min(1).max(128) });

export const emptySchema = z.strictObject({});

export const revokeSessionSchema = z.strictObject({ sessionId: z.string().min(1).max(128) });

const LOVE_LANGUAGES = [
  "words_of_affirmation",
  "quality_time",
  "physical_touch",
  "acts_of_service",
  "receiving_gifts",
] as const;

/** Fields that are left out stay; null empties one. */
export const profileChangeSchema = z
  .strictObject({
    name: requiredText(100).optional(),
    nickname: requiredText(50).nullable().optional(),
    phoneNumber: z
      .string()
      .regex(/^\+[1-9]\d{6,14}$/, "Expected an international number such as +351912345678")
      .nullable()
      .optional(),
    timezone: timezoneSchema.optional(),
    loveLanguagePrimary: z.enum(LOVE_LANGUAGES).nullable().optional(),
    loveLanguageSecondary: z.enum(LOVE_LANGUAGES).nullable().optional(),
  })
  .refine((change) => Object.keys(change).length > 0, {
    error: "Name at least one field",
    when: ({ issues }) => issues.length === 0,
  });

export type ProfileChange = z.infer<typeof profileChangeSchema>;

export const mailboxQuerySchema = z.strictObject({ to: emailSchema.optional() });
