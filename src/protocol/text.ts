import * as z from "zod";

/** SQLite's length() stops at NUL, and lone surrogates are silently replaced: neither would come back as it was sent. */
function isStorable(text: string): boolean {
  return !text.includes("\u0000") && text.isWellFormed();
}

/** Free text of at most `max` UTF-16 units, stored exactly as sent. */
export function text(max: number): z.ZodString {
  return z
    .string()
    .max(max, `At most ${max} characters`)
    .refine(isStorable, "Contains characters that cannot be stored") as z.ZodString;
}

/** A short text that must say something: trimmed, 1 to `max` characters. */
export function requiredText(max: number): z.ZodString {
  return z
    .string()
    .trim()
    .min(1, "Must not be empty")
    .max(max, `At most ${max} characters`)
    .refine(isStorable, "Contains characters that cannot be stored") as z.ZodString;
}
