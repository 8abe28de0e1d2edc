/**
 * Structured logs: one JSON line an event. The field list is closed, so that no text a person wrote, no address and no
 * secret can slip in by habit.
 */
export interface LogFields {
  requestId?: string;
  relationshipId?: string;
  userId?: string;
  command?: string;
  route?: string;
  method?: string;
  job?: string;
  kind?: string;
  code?: string;
  status?: number;
  attempts?: number;
  count?: number;
  durationMs?: number;
  /** Name and message of an exception of ours or the platform's. */
  error?: string;
}

type Level = "info" | "warn" | "error";

function write(level: Level, event: string, fields: LogFields): void {
  console[level](JSON.stringify({ level, event, ...fields }));
}

export const log = {
  info: (event: string, fields: LogFields = {}): void => write("info", event, fields),
  warn: (event: string, fields: LogFields = {}): void => write("warn", event, fields),
  error: (event: string, fields: LogFields = {}): void => write("error", event, fields),
};

/** Name and message of anything thrown, cut short. */
export function errorText(error: unknown): string {
  return (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, 300);
}
