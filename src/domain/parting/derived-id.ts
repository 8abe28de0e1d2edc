import { fnv1a } from "../../lib/fnv.ts";

const SEEDS = [0x811c9dc5, 0x5bd1e995, 0x1b873593] as const;

/**
 * An id of the same kind and time as `id`, the same one whenever it is asked for: what `userId`'s copy of a row is called
 * where somebody else's copy has the row's own id.
 * @param prefix another kind's, when something else is made of the row
 */
export function derivedId(id: string, userId: string, prefix = id.slice(0, id.indexOf("_"))): string {
  const uuid = id.slice(id.indexOf("_") + 1);
  const hex = SEEDS.map((seed) => fnv1a(`${id}/${userId}/${prefix}`, seed).toString(16).padStart(8, "0")).join("");
  // RFC 9562: the version and the variant keep their places.
  return `${prefix}_${uuid.slice(0, 13)}-7${hex.slice(0, 3)}-8${hex.slice(3, 6)}-${hex.slice(6, 18)}`;
}
