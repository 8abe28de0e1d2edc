import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./bundle.ts";

export type StorageKind = "disk" | "tmpfs";

/** Linux keeps this folder in memory: without a disk to wait for, the cost of the code shows. */
const TMPFS = "/dev/shm";

const created = new Set<string>();

/** Which kinds of storage this machine has. */
export function storageKinds(): StorageKind[] {
  return existsSync(TMPFS) ? ["disk", "tmpfs"] : ["disk"];
}

/** Storage for scenarios in which a disk would only add noise. */
export function quietStorage(): StorageKind {
  return storageKinds().at(-1) ?? "disk";
}

/** A fresh folder on `kind`, removed at the end of the run at the latest. */
export function stateFolder(kind: StorageKind): string {
  const parent = kind === "tmpfs" ? TMPFS : join(ROOT, ".wrangler", "bench");
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, "better-together-bench-"));
  created.add(folder);
  return folder;
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  created.delete(folder);
}

export function removeAllFolders(): void {
  for (const folder of created) removeFolder(folder);
}
