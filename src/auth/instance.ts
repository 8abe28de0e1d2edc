import type { AuthLibrary } from "./library.ts";

let cached: { env: object; library: Promise<AuthLibrary> } | undefined;

/**
 * The auth library of this isolate, loaded and built by the first request that needs it. The bundler keeps a dynamic
 * import as code that is evaluated on demand, so an isolate that only hosts objects never evaluates it.
 */
export async function authLibrary(env: Env): Promise<AuthLibrary> {
  if (cached?.env !== env) {
    cached = { env, library: import("./library.ts").then((module) => module.buildAuthLibrary(env)) };
  }
  return cached.library;
}
