import * as z from "zod";
import { emailSchema, passwordSchema } from "./input.ts";

/** What the recovery routes accept. */

const recoveryTokenSchema = z.string().min(1, "Must not be empty").max(200, "Too long");

export const askRecoverySchema = z
  .strictObject({ email: emailSchema, newEmail: emailSchema })
  .refine((input) => input.email !== input.newEmail, { error: "Must be another address", path: ["newEmail"] });

export const setRecoverySchema = z.strictObject({ enabled: z.boolean() });

export const recoveryTokenBodySchema = z.strictObject({ token: recoveryTokenSchema });

export const finishRecoverySchema = z.strictObject({ token: recoveryTokenSchema, newPassword: passwordSchema });

export const recoveryPageQuerySchema = z.strictObject({ token: recoveryTokenSchema });

const openRecoverySchema = z.strictObject({
  id: z.string(),
  status: z.enum(["waiting_for_partner", "waiting_period", "link_mailed"]),
  newEmail: z.string().describe("Where the person can be reached now; ask them about it"),
  createdAt: z.int(),
  readyAt: z.int().nullable().describe("Epoch milliseconds; not before this a link is sent"),
});

export const recoveryAnswerSchema = z.strictObject({
  enabled: z.boolean(),
  mine: openRecoverySchema.nullable().describe("Of my own account"),
  partners: openRecoverySchema.nullable().describe("Of my partner's account"),
});

export const approvedRecoveryAnswerSchema = z.strictObject({ recovery: openRecoverySchema });
