import { waitUntil } from "cloudflare:workers";
import { errorText, log } from "./log.ts";

/**
 * Lets work go on after the answer is out. Only for work that something else repeats when it fails, such as the
 * delivery of an outbox: a failure is logged and forgotten.
 */
export function runAfterAnswer(work: Promise<unknown>, job: string): void {
  waitUntil(
    work.catch((error: unknown) => {
      log.warn("background.failed", { job, error: errorText(error) });
    }),
  );
}
