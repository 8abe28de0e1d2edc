import type { ColumnClass, ContentTable } from "../content.ts";
import type { Member } from "../couple.ts";
import { shownAuthor } from "../parting/rules.ts";
import { namesOf, type ContentRow } from "./store.ts";

/** Bookkeeping that says something to whoever wrote the row: when. */
const TIMES = ["created_at", "updated_at"];
const SHOWN: readonly ColumnClass[] = ["key", "author", "words", "fact"];
/** How private a row is, and its notes, is its author's to know: edits of what is hidden would show otherwise. */
const OWN_ONLY = ["visibility", "notes_visibility"];
const FORMER = "former_author";

/** Which columns of `table` an export of one's own rows has; rows of others have fewer of them. */
export function exportedColumns(table: ContentTable): string[] {
  return Object.entries(table.columns).flatMap(([column, is]) =>
    column !== FORMER && (SHOWN.includes(is) || TIMES.includes(column)) ? [column] : [],
  );
}

/**
 * A row as `viewerId`, who may see it, takes it along: their own in full; the other's without what was kept private in
 * it and without its times. Null for what is not there yet.
 */
export function exportedRow(
  table: ContentTable,
  row: ContentRow,
  viewerId: string,
  members: readonly Member[],
): ContentRow | null {
  const { author } = namesOf(table);
  const authorId = String(row[author]);
  const isOwn = authorId === viewerId;
  // A photo whose bytes have not arrived.
  if (row["status"] === "reserved") return null;
  const isHidden = (column: string): boolean =>
    table.columns[column] === "words" && row["notes_visibility"] === "private";
  const exported: ContentRow = {};
  for (const column of exportedColumns(table)) {
    if (!isOwn && (OWN_ONLY.includes(column) || TIMES.includes(column))) continue;
    exported[column] = !isOwn && isHidden(column) ? null : (row[column] ?? null);
  }
  // One's own row stays one's own; a joint one names its author as the app does.
  const formerAuthor = Number(row[FORMER] ?? 0);
  exported[author] = isOwn && formerAuthor === 0 ? authorId : shownAuthor(members, { authorId, formerAuthor });
  return exported;
}
