import type { MiddlewareHandler } from "hono";
import { AppError } from "../../protocol/errors.ts";
import { FRESH_SIGN_IN_MS } from "../../protocol/limits.ts";
import type { AppEnv } from "../app-env.ts";

/**
 * For what cannot be taken back: a session that is left open somewhere is not enough. Goes behind `requireSession`.
 * @throws AppError `fresh_sign_in_required` when the person has not proved lately who they are
 */
export const requireFreshSignIn: MiddlewareHandler<AppEnv> = async (c, next) => {
  if (c.var.session.signedInAt < c.var.now - FRESH_SIGN_IN_MS) {
    throw new AppError("fresh_sign_in_required", "Please confirm your password first", {
      withinSeconds: FRESH_SIGN_IN_MS / 1_000,
    });
  }
  await next();
};
