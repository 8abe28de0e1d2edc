import { globSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const DATABASE_FILES = "v3/d1/miniflare-D1DatabaseObject/*.sqlite";

/**
 * Opens the local D1 database for reading, also while a server writes to it.
 * @param persistTo the folder of the server's state
 * @throws Error when there is not exactly one
 */
export function openLocalD1(persistTo: string): DatabaseSync {
  const files = globSync(DATABASE_FILES, { cwd: persistTo }).filter((file) => !file.endsWith("metadata.sqlite"));
  const [file] = files;
  if (file === undefined || files.length > 1) throw new Error(`Expected one D1 database below ${persistTo}`);
  return new DatabaseSync(join(persistTo, file), { readOnly: true });
}

/** Runs `read` on the local D1 and closes it again, so that no reader keeps the server from tidying up. */
export function readLocalD1<T>(persistTo: string, read: (database: DatabaseSync) => T): T {
  const database = openLocalD1(persistTo);
  try {
    return read(database);
  } finally {
    database.close();
  }
}
