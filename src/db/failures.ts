/**
 * Whether the database refused a statement because of what the rows say: a constraint, or a guard of ours that asked
 * json() to read what is not JSON. The batch around it was undone as a whole. Anything else is a failure of the
 * database itself, after which the outcome is unknown.
 */
export function isConstraintFailure(error: unknown): boolean {
  return error instanceof Error && /constraint failed|malformed JSON/i.test(error.message);
}

/** Whether the refused value was that of `column`, written as `table.column`. */
export function isDuplicate(error: unknown, column: string): boolean {
  return error instanceof Error && error.message.includes("UNIQUE constraint failed") && error.message.includes(column);
}
