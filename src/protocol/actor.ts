import * as z from "zod";

/** Who is acting, as the Worker's session says. What this person may do is the object's to decide. */
export const actorSchema = z.strictObject({
  userId: z.string().min(1).max(64),
  sessionId: z.string().min(1).max(128),
  /** Epoch milliseconds at which the session ends by itself. */
  sessionExpiresAt: z.number().int(),
  /** Epoch milliseconds at which the person last proved who they are: at sign-in, or when they were asked again. */
  signedInAt: z.number().int(),
});

export type Actor = z.infer<typeof actorSchema>;
