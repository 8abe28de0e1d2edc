import * as z from "zod";
import { Collection, type Store } from "./store.ts";

const saved = z.strictObject({
  version: z.literal(1),
  rows: z.record(z.string(), z.array(z.looseObject({ id: z.string() }))),
  maps: z.record(z.string(), z.array(z.tuple([z.string(), z.unknown()]))),
  sets: z.record(z.string(), z.array(z.string())),
});

/** Everything that a store knows, as JSON: the database of an application that starts again still fits to it. */
export function saveStore(store: Store): string {
  const snapshot: z.output<typeof saved> = { version: 1, rows: {}, maps: {}, sets: {} };
  for (const [name, part] of Object.entries(store)) {
    if (part instanceof Collection) snapshot.rows[name] = [...part.values()] as { id: string }[];
    else if (part instanceof Map) snapshot.maps[name] = [...part.entries()] as [string, unknown][];
    else if (part instanceof Set) snapshot.sets[name] = [...part.values()] as string[];
  }
  return JSON.stringify(snapshot);
}

/** Fills an empty store. @throws ZodError for a text that no store has written */
export function loadStore(store: Store, text: string): void {
  const snapshot = saved.parse(JSON.parse(text));
  for (const [name, part] of Object.entries(store)) {
    if (part instanceof Collection) for (const row of snapshot.rows[name] ?? []) part.add(row);
    else if (part instanceof Map) for (const [key, value] of snapshot.maps[name] ?? []) part.set(key, value);
    else if (part instanceof Set) for (const value of snapshot.sets[name] ?? []) part.add(value);
  }
}
