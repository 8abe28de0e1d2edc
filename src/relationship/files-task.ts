import { deleteFileDeletions, listDueFileDeletions, nextFileDeletionAt } from "../domain/photos/deletion-store.ts";
import type { Task } from "./tasks.ts";

/** What one call of the bucket takes. */
const KEYS_PER_CALL = 1_000;

/** Deletes bytes whose rows are gone. Deleting what is not there is no error, so that it may run twice. */
export const filesTask: Task = async ({ env, couple }, _key, now) => {
  const keys = listDueFileDeletions(couple.sql, now, KEYS_PER_CALL);
  if (keys.length > 0) {
    await env.FILES.delete(keys);
    deleteFileDeletions(couple.sql, keys);
  }
  return nextFileDeletionAt(couple.sql);
};
