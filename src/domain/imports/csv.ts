export interface CsvRecord {
  /** The line of the text on which it begins, from 1. */
  line: number;
  cells: string[];
  /** Why it cannot be read, or null. */
  problem: string | null;
}

const DELIMITERS = [",", ";", "\t"] as const;

/** What parts the cells: whichever of comma, semicolon and tab is most frequent in the first line. */
function delimiterOf(text: string): string {
  const firstLine = text.slice(0, lineEnd(text, 0));
  const counts = DELIMITERS.map((delimiter) => firstLine.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ",";
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end === -1 ? text.length : end;
}

/** Where the quoted cell that opens at `start` closes, or -1. */
function closingQuote(text: string, start: number): number {
  let at = text.indexOf('"', start + 1);
  while (at !== -1 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}

/**
 * The records of a CSV text as RFC 4180 has it, with LF or CRLF and, as spreadsheets of many countries write it, with
 * semicolons or tabs. Blank lines are none. A record that cannot be read ends with its first line, so that one wrong
 * quote does not swallow the rest.
 */
export function* parseCsv(source: string): Generator<CsvRecord> {
  const text = source.replace(/^\uFEFF/, "");
  const delimiter = delimiterOf(text);
  let line = 1;
  let at = 0;
  while (at < text.length) {
    const record = readRecord(text, at, delimiter);
    const end = record.problem === null ? record.end : lineEnd(text, at);
    const isBlank = record.problem === null && record.cells.length === 1 && record.cells[0] === "" && text[at] !== '"';
    if (!isBlank) yield { line, cells: record.cells, problem: record.problem };
    for (
      let newline = text.indexOf("\n", at);
      newline !== -1 && newline < end;
      newline = text.indexOf("\n", newline + 1)
    ) {
      line += 1;
    }
    line += 1;
    at = end + 1;
  }
}

interface Read {
  cells: string[];
  problem: string | null;
  /** Of the newline that ends it, or of the text. */
  end: number;
}

function readRecord(text: string, start: number, delimiter: string): Read {
  const cells: string[] = [];
  const unreadable = (problem: string): Read => ({ cells, problem, end: start });
  for (let at = start; ; at++) {
    if (text[at] === '"') {
      const close = closingQuote(text, at);
      if (close === -1) return unreadable("A quote is not closed");
      cells.push(text.slice(at + 1, close).replaceAll('""', '"'));
      at = close + 1;
      if (text[at] === "\r" && text[at + 1] === "\n") at += 1;
      if (at < text.length && text[at] !== delimiter && text[at] !== "\n")
        return unreadable("Text after a closing quote");
    } else {
      // Looked at one by one: a search for the next delimiter would read the rest of a file that has none.
      let end = at;
      while (end < text.length && text[end] !== delimiter && text[end] !== "\n") end += 1;
      const cell = text.slice(at, end);
      if (cell.includes('"')) return unreadable("A cell with quotes must be quoted, and its quotes doubled");
      cells.push(text[end] === delimiter ? cell : cell.replace(/\r$/, ""));
      at = end;
    }
    if (at >= text.length || text[at] === "\n") return { cells, problem: null, end: at };
  }
}
