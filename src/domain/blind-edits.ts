import { AppError } from "../protocol/errors.ts";

/** The refusal of an edit that knew less than there is. @param row the row as the asker may see it */
export function editConflict(row: unknown): AppError {
  return new AppError("edit_conflict", "Somebody changed this meanwhile", { row });
}

/**
 * That an edit which names no version takes away no text that it may never have seen, as another device of the same
 * member can have written it. Facts are set by whoever comes last, and a text may be added where there is none.
 * @throws AppError `edit_conflict` with the current row
 */
export function requireTextsKept<Field extends string>(
  row: Readonly<Record<NoInfer<Field>, string | null>>,
  sent: Readonly<Partial<Record<NoInfer<Field>, string | null | undefined>>>,
  fields: readonly Field[],
  shown: () => unknown,
): void {
  const loses = fields.some((field) => {
    return sent[field] !== undefined && row[field] !== null && row[field] !== "" && sent[field] !== row[field];
  });
  if (loses) throw editConflict(shown());
}
