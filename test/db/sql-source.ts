/** A statement found in a file of the project, for the tests that ask the database about every one of them. */
export interface FoundStatement {
  file: string;
  sql: string;
}

interface Literal {
  text: string;
  /** The const that holds it, if it is one. */
  name: string | undefined;
}

const STARTS_SQL = /^\s*(SELECT|INSERT|UPDATE|DELETE|WITH|REPLACE)\b/;

/** The string literals of TypeScript source, comments skipped. Enough of a scanner for src/db, not for any code. */
export function stringLiterals(source: string): Literal[] {
  const found: Literal[] = [];
  let at = 0;
  while (at < source.length) {
    const two = source.slice(at, at + 2);
    const quote = source[at] ?? "";
    if (two === "//") at = ends(source, "\n", at);
    else if (two === "/*") at = ends(source, "*/", at + 2);
    else if (quote === "`" || quote === '"' || quote === "'") {
      const end = closing(source, at + 1, quote);
      const name = /\bconst (\w+)(?:: string)? =\s*$/.exec(source.slice(Math.max(0, at - 80), at))?.[1];
      found.push({ text: source.slice(at + 1, end), name });
      at = end + 1;
    } else at += 1;
  }
  return found;
}

function ends(source: string, mark: string, from: number): number {
  const end = source.indexOf(mark, from);
  return end === -1 ? source.length : end + mark.length;
}

function closing(source: string, from: number, quote: string): number {
  let at = from;
  while (at < source.length && source[at] !== quote) at += source[at] === "\\" ? 2 : 1;
  return at;
}

/**
 * The SQL statements of a source file: literals that begin with an SQL verb. A `${NAME}` in one must be a const string
 * of the same file; anything else would be a value written into SQL, and throws.
 */
export function sqlOfSource(file: string, source: string): FoundStatement[] {
  const literals = stringLiterals(source);
  const fragments = new Map(literals.flatMap(({ name, text }) => (name === undefined ? [] : [[name, text] as const])));
  const whole = (text: string): string =>
    text.replaceAll(/\$\{([^}]*)\}/g, (_, inside: string) => {
      const fragment = fragments.get(inside.trim());
      if (fragment === undefined) throw new Error(`${file}: \${${inside}} in SQL is not a const string of this file`);
      return whole(fragment);
    });
  return literals.filter(({ text }) => STARTS_SQL.test(text)).map(({ text }) => ({ file, sql: whole(text).trim() }));
}

/** The statements of an SQL script without triggers; a comment stays with the statement that follows it. */
export function sqlOfScript(file: string, script: string): FoundStatement[] {
  const statements: FoundStatement[] = [];
  let start = 0;
  let at = 0;
  while (at < script.length) {
    if (script.startsWith("--", at)) at = ends(script, "\n", at);
    else if (script[at] === "'") at = closing(script, at + 1, "'") + 1;
    else if (script[at] === ";") {
      statements.push({ file, sql: script.slice(start, at).trim() });
      at += 1;
      start = at;
    } else at += 1;
  }
  return statements;
}

/** How many binds a statement wants: the highest `?n`, or the number of bare `?`. */
export function bindCount(sql: string): number {
  const marks = sql.replaceAll(/--.*$|'(?:[^']|'')*'/gm, "").match(/\?\d*/g) ?? [];
  return marks.reduce((count, mark) => (mark === "?" ? count + 1 : Math.max(count, Number(mark.slice(1)))), 0);
}
