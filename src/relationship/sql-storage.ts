import type { Sql, SqlValue } from "../domain/sql.ts";

/** The object's own SQLite as the domain sees it, and the only place that calls the platform's `exec`. */
export function sqlOf(storage: DurableObjectStorage): Sql {
  const exec = <Row extends object>(query: string, binds: SqlValue[]): Row[] =>
    // `toArray` drains the cursor. The row type is the query's promise, which the tests hold against real tables.
    storage.sql.exec(query, ...binds).toArray() as unknown as Row[];
  return {
    all: (query, ...binds) => exec(query, binds),
    first: <Row extends object>(query: string, ...binds: SqlValue[]) => exec<Row>(query, binds)[0] ?? null,
    run: (query, ...binds) => void exec(query, binds),
    transaction: (body) => storage.transactionSync(body),
  };
}

/** What the object's tables take, in bytes. */
export function databaseBytes(storage: DurableObjectStorage): number {
  return storage.sql.databaseSize;
}
