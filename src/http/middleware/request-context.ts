import type { MiddlewareHandler } from "hono";
import { now } from "../../lib/clock.ts";
import { config } from "../../lib/config.ts";
import { AppError } from "../../protocol/errors.ts";
import { uuidv7 } from "../../protocol/ids.ts";
import type { AppEnv } from "../app-env.ts";

/** Development only: lets the demo live through a month in seconds. */
const CLOCK_HEADER = "x-bt-now";

/** Gives each request its id and its one reading of the clock, and refuses to serve with an unsafe configuration. */
export const requestContext: MiddlewareHandler<AppEnv> = async (c, next) => {
  const requestId = uuidv7(now());
  c.set("requestId", requestId);
  const { ENVIRONMENT } = config(c.env);
  c.set("now", ENVIRONMENT === "development" ? shiftedNow(c.req.header(CLOCK_HEADER)) : now());
  await next();
  // The headers of a socket's 101 cannot be changed.
  if (c.res.status !== 101) c.header("x-request-id", requestId);
};

function shiftedNow(header: string | undefined): number {
  if (header === undefined) return now();
  const shifted = Number(header);
  if (Number.isSafeInteger(shifted) && shifted > 0) return shifted;
  const issues = [{ path: CLOCK_HEADER, message: "Expected epoch milliseconds" }];
  throw new AppError("invalid_input", "The development clock is not valid", { issues });
}
