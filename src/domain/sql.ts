export type SqlValue = string | number | null;

/**
 * The synchronous SQL that rules and stores see. Every method drains its cursor before it returns: an undrained
 * RETURNING cursor makes the platform drop the whole turn.
 */
export interface Sql {
  all<Row extends object>(query: string, ...binds: SqlValue[]): Row[];
  first<Row extends object>(query: string, ...binds: SqlValue[]): Row | null;
  run(query: string, ...binds: SqlValue[]): void;
  /** Runs `body` and undoes all of its writes if it throws. Nests. */
  transaction<T>(body: () => T): T;
}
