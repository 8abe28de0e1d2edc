import { env } from "cloudflare:workers";
import { relationshipStub } from "../../src/relationship/stub.ts";
import { uuidv7 } from "../../src/protocol/ids.ts";
import { START } from "./pairing-app.ts";

interface Profile {
  status: string;
  names: string[];
}

/** What the object of a relationship says to `userId` about itself, or null when it refuses to say anything. */
export async function profileInObject(relationshipId: string, userId: string): Promise<Profile | null> {
  const request = {
    kind: "query" as const,
    name: "membership.get",
    input: {},
    userId,
    signedInAt: 0,
    commandId: null,
    now: START,
  };
  const reply = await relationshipStub(env, relationshipId).execute(request);
  if (!reply.ok) return null;
  const { data } = JSON.parse(reply.json) as {
    data: { relationship: { status: string }; members: { displayName: string }[] };
  };
  return { status: data.relationship.status, names: data.members.map((member) => member.displayName) };
}

/** Writes a check-in into the object. @returns whether it was taken */
export async function checkIn(relationshipId: string, userId: string, now = START): Promise<boolean> {
  const input = { date: new Date(now).toISOString().slice(0, 10), mood: 7 };
  const request = {
    kind: "command" as const,
    name: "checkins.submit",
    input,
    userId,
    signedInAt: now,
    commandId: uuidv7(now),
    now,
  };
  return (await relationshipStub(env, relationshipId).execute(request)).ok;
}
