import type { Couple } from "../domain/couple.ts";
import type { LoggedEvent } from "../domain/events.ts";
import { Scope } from "../domain/scope.ts";
import type { ShellFacts } from "../domain/service.ts";
import { findService } from "../domain/services.ts";
import { AppError } from "../protocol/errors.ts";
import { fieldIssues } from "../protocol/issues.ts";

/** Runs a service in one transaction. @throws AppError what it refuses; then nothing was written */
export function serve(
  couple: Couple,
  shell: ShellFacts,
  name: string,
  input: unknown,
  now: number,
): { data: unknown; events: readonly LoggedEvent[]; closesSockets: boolean; wrote: boolean } {
  const service = findService(name);
  if (service === null) throw new AppError("unknown_command", "There is no such service");
  const parsed = service.input.safeParse(input);
  if (!parsed.success) {
    throw new AppError("invalid_input", `The input of ${name} is not valid`, { issues: fieldIssues(parsed.error) });
  }
  const scope = new Scope(couple, now, service.actorOf?.(parsed.data));
  const data = couple.sql.transaction(() => service.run(Object.assign(scope, { shell }), parsed.data));
  return { data, events: scope.events, closesSockets: scope.closesSockets, wrote: service.readOnly !== true };
}
