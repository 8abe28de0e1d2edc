import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { migrate, seed } from "../../scripts/db.ts";
import { seedDemo } from "../../scripts/seed-demo.ts";
import { findFreePort, LocalServer } from "../../scripts/server.ts";

declare module "vitest" {
  export interface ProvidedContext {
    origin: string;
  }
}

/** Starts a server with the demo couple on a free port, as `npm start` does, and throws its data away afterwards. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const persistTo = mkdtempSync(join(tmpdir(), "better-together-browser-"));
  const target = { env: "local", persistTo } as const;
  await migrate(target);
  await seed(target, Date.now());
  const server = await LocalServer.start({ port: await findFreePort(), persistTo, show: () => undefined });
  const stop = async (): Promise<void> => {
    await server.stop();
    rmSync(persistTo, { recursive: true, force: true });
  };
  try {
    await seedDemo(server.origin, Date.now());
  } catch (error) {
    await stop();
    throw error;
  }
  project.provide("origin", server.origin);
  return stop;
}
