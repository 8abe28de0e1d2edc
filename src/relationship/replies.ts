import { errorText, log, type LogFields } from "../lib/log.ts";
import { errorBody, type ErrorBody } from "../protocol/errors.ts";

/** `json` is `{"data":…,"cursors":{…}}`, serialised once in the object. */
export type ExecuteReply = { ok: true; json: string } | { ok: false; error: ErrorBody };
/** `data` is what the service returned, plain. */
export type ServeReply = { ok: true; data: unknown } | { ok: false; error: ErrorBody };
export type TicketReply = { ok: true; ticket: string; expiresAt: number } | { ok: false; error: ErrorBody };

/** What a stranger is told, and what is told of an object that was never made. */
export const NOT_FOUND: { ok: false; error: ErrorBody } = {
  ok: false,
  error: errorBody("not_found", "No such relationship"),
};

/** A bug of ours: logged once, with nothing that a couple wrote, and told to nobody in detail. */
export function internal(error: unknown, fields: LogFields): { ok: false; error: ErrorBody } {
  log.error("operation_failed", { ...fields, error: errorText(error) });
  return { ok: false, error: errorBody("internal", "Something went wrong on our side") };
}
