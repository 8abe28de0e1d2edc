import { config } from "../lib/config.ts";
import type { InputOfService, OutputOfService, Service } from "../domain/service.ts";
import { AppError } from "../protocol/errors.ts";
import type { RelationshipObject } from "./relationship-object.ts";

/** Tries of one call; every call is idempotent, and each try takes a new stub because a reset one stays broken. */
const TRIES = 3;
const RETRY_FIRST_MS = 50;

/** What the Worker may call. Only plain data crosses, so that the class's own signatures are the remote ones. */
export type RelationshipStub = Pick<
  RelationshipObject,
  "execute" | "applyMembership" | "issueTicket" | "serve" | "endSession" | "ensureAlarm" | "replayFlush" | "fetch"
>;

/** The object of `relationshipId`. The only place that names the binding, its placement and its jurisdiction. */
export function relationshipStub(env: Env, relationshipId: string): RelationshipStub {
  const jurisdiction = config(env).OBJECT_JURISDICTION;
  // The local runtime refuses jurisdictions, so only an environment that names one asks for it.
  const namespace = jurisdiction === "" ? env.RELATIONSHIP : env.RELATIONSHIP.jurisdiction(jurisdiction);
  return namespace.getByName(relationshipId) as unknown as RelationshipStub;
}

/**
 * Calls the object and repeats what the platform says is worth repeating.
 * @throws AppError `unavailable` when the object is overloaded (then it is left alone) or does not come back
 */
export async function callRelationship<T>(
  env: Env,
  relationshipId: string,
  call: (stub: RelationshipStub) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call(relationshipStub(env, relationshipId));
    } catch (error) {
      const { overloaded, retryable } = flagsOf(error);
      if (overloaded) throw unavailable();
      if (!retryable) throw error;
      if (attempt === TRIES) throw unavailable();
      await new Promise((resolve) => setTimeout(resolve, RETRY_FIRST_MS * 2 ** attempt * (0.5 + Math.random())));
    }
  }
}

/**
 * What `service` answers for `input` in the object of `relationshipId`.
 * @param now epoch milliseconds
 * @throws AppError what the service refuses, or `not_found` when there is no such object
 */
export async function callService<S extends Service>(
  env: Env,
  relationshipId: string,
  service: S,
  input: InputOfService<S>,
  now: number,
): Promise<OutputOfService<S>> {
  const reply = await callRelationship(env, relationshipId, (stub) => stub.serve(service.name, input, now));
  if (!reply.ok) throw new AppError(reply.error.code, reply.error.message, reply.error.details);
  return reply.data as OutputOfService<S>;
}

function flagsOf(error: unknown): { overloaded: boolean; retryable: boolean } {
  const flags = (typeof error === "object" && error !== null ? error : {}) as Record<string, unknown>;
  return {
    overloaded: flags["overloaded"] === true,
    retryable: flags["retryable"] === true || flags["durableObjectReset"] === true,
  };
}

function unavailable(): AppError {
  return new AppError("unavailable", "The relationship cannot be reached at the moment", { retryAfterSeconds: 5 });
}
