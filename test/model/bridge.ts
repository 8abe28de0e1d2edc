import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { vi } from "vitest";
import { eraseAccount, runErasures } from "../../src/compliance/erasure.ts";
import { deliverObjectOutbox } from "../../src/pairing/outbox.ts";
import { openRelationship } from "../../src/pairing/relationships.ts";
import { voteForReunion, withdrawVote } from "../../src/pairing/reunion.ts";
import { DAY_MS } from "../../src/protocol/limits.ts";
import { settle } from "../compliance/seeded-person.ts";
import { createCouple, type TestCouple, type TestMember } from "../support/couple.ts";
import { rowsOf } from "../support/object.ts";
import { signedInPerson, type Person } from "../support/people.ts";
import { BOTH, CLASSES, NAMES, rowName, type RowName, type Who, type World } from "./world.ts";

/** Ahead of the platform's clock, so that no alarm fires by itself. */
const START = Date.UTC(2031, 2, 3, 12);
const MINUTE_MS = 60_000;

/** The model's world on real objects and a real directory. */
export interface RealWorld {
  couple: TestCouple;
  people: readonly [Person, Person];
  /** The real row of each row of the model. */
  ids: ReadonlyMap<RowName, string>;
}

/** Two who are together, each with a private, a shared and a joint row. Stops the clock of this test. */
export async function realCouple(): Promise<RealWorld> {
  vi.useFakeTimers({ toFake: ["Date"], now: START });
  const people = [await signedInPerson({ name: NAMES[0] }), await signedInPerson({ name: NAMES[1] })] as const;
  const couple = await createCouple({ userIds: [people[0].userId, people[1].userId], createdAt: START });
  const ids = new Map<RowName, string>();
  for (const who of BOTH) {
    const member = memberOf(couple, who);
    for (const rowClass of CLASSES) {
      const [name, input] =
        rowClass === "shared"
          ? (["notes.write", { title: "Ours", body: "Words" }] as const)
          : (["activities.log", { name: "Walk", type: "custom", private: rowClass === "private" }] as const);
      const { id } = await member.run<{ id: string }>(name, input, { now: Date.now() });
      ids.set(rowName(who, rowClass), id);
    }
  }
  return { couple, people, ids };
}

const memberOf = (couple: TestCouple, who: Who): TestMember => (who === 0 ? couple.a : couple.b);

type Deed = (real: RealWorld, who: Who, now: number) => Promise<unknown>;

const command =
  (name: string, input: object = {}): Deed =>
  (real, who, now) =>
    memberOf(real.couple, who).run(name, input, { now });

/** What each action of the model is in the real system. */
const DEEDS: Readonly<Record<string, Deed>> = {
  pauses: command("membership.pause"),
  resumes: command("membership.resume"),
  leaves: command("membership.leave"),
  "purges her part": command("membership.purge_mine", { confirm: "delete my part" }),
  "declines her part": command("membership.set_parting_choice", { choice: "decline" }),
  "keeps her part": command("membership.set_parting_choice", { choice: "keep" }),
  "wants to come back": ({ couple, people }, who, now) =>
    voteForReunion(env, couple.relationshipId, people[who].userId, now),
  "no longer wants to come back": ({ couple, people }, who) =>
    withdrawVote(env, couple.relationshipId, people[who].userId),
  "begins a life alone": ({ people }, who, now) => openRelationship(env, { ...people[who], timezone: "UTC" }, now),
  "erases her account": ({ people }, who, now) => eraseAccount(env, people[who], now),
};

/** Whether the bridge can do `action`; what needs a third person is held by the tests of pairing. */
export function isReal(action: string): boolean {
  return action === "thirty days pass" || parse(action) !== null;
}

/** Does it, and then lets all jobs run until nothing is left to do. */
export async function act(real: RealWorld, action: string): Promise<void> {
  vi.setSystemTime(Date.now() + (action === "thirty days pass" ? 31 * DAY_MS : MINUTE_MS));
  const deed = parse(action);
  if (deed !== null) await deed.does(real, deed.who, Date.now());
  await settleAll(real);
}

function parse(action: string): { does: Deed; who: Who } | null {
  const who: Who | undefined = BOTH.find((each) => action.startsWith(`${NAMES[each]} `));
  if (who === undefined) return null;
  const does = DEEDS[action.slice(NAMES[who].length + 1)];
  return does === undefined ? null : { does, who };
}

async function settleAll(real: RealWorld): Promise<void> {
  let before = "";
  for (let round = 0; round < 5; round++) {
    const lives = (await Promise.all(real.people.map(({ userId }) => liveOf(userId)))).flatMap((live) =>
      live === null ? [] : [live.id],
    );
    for (const id of new Set([real.couple.relationshipId, ...lives])) await settle(id);
    await deliverObjectOutbox(env, Date.now(), { limit: 100 });
    await runErasures(env, Date.now() + DAY_MS, { limit: 100 });
    const now = JSON.stringify([await observed(real), lives]);
    if (now === before) return;
    before = now;
  }
}

async function liveOf(userId: string): Promise<{ id: string; status: string } | null> {
  return env.DB.prepare(
    `SELECT r.id, r.status FROM relationship_members AS m JOIN relationships AS r ON r.id = m.relationship_id
     WHERE m.user_id = ? AND m.left_at IS NULL`,
  )
    .bind(userId)
    .first<{ id: string; status: string }>();
}

/** What can be seen of a world from outside, the real one or the model's. */
export interface Observed {
  object: string;
  directory: string;
  rows: RowName[];
  people: {
    lives: "in the couple" | "alone" | "elsewhere" | "nowhere";
    voted: boolean;
    erased: boolean;
    holds: RowName[];
    /** Of the couple's rows; null when the couple's space does not let them in. */
    reads: RowName[] | null;
  }[];
}

export async function observed(real: RealWorld): Promise<Observed> {
  const { couple, people } = real;
  const id = couple.relationshipId;
  const directory = await env.DB.prepare("SELECT status FROM relationships WHERE id = ?")
    .bind(id)
    .first<{ status: string }>();
  const object = await statusInObject(id);
  return {
    object,
    directory: directory?.status ?? "none",
    rows: object === "destroyed" ? [] : await rowsIn(real, id),
    people: await Promise.all(
      people.map(async (person, who) => {
        const live = await liveOf(person.userId);
        const voted = await env.DB.prepare("SELECT 1 FROM reunion_votes WHERE relationship_id = ? AND user_id = ?")
          .bind(id, person.userId)
          .first();
        const erased = await env.DB.prepare("SELECT erased_at FROM users WHERE id = ?")
          .bind(person.userId)
          .first<{ erased_at: number | null }>();
        const isErased = erased?.erased_at !== null;
        return {
          lives: livesIn(live, id),
          voted: voted !== null,
          erased: isErased,
          holds: live === null || live.id === id ? [] : await rowsIn(real, live.id),
          reads: isErased ? null : await readBy(real, who === 0 ? couple.a : couple.b),
        };
      }),
    ),
  };
}

function livesIn(live: { id: string; status: string } | null, coupleId: string): Observed["people"][number]["lives"] {
  if (live === null) return "nowhere";
  if (live.id === coupleId) return "in the couple";
  return live.status === "solo" ? "alone" : "elsewhere";
}

async function statusInObject(id: string): Promise<string> {
  return runInDurableObject(env.RELATIONSHIP.getByName(id), (_, state) => {
    const tables = state.storage.sql.exec("SELECT 1 FROM sqlite_schema WHERE name = '_meta'").toArray();
    if (tables.length === 0) return "destroyed";
    return state.storage.sql.exec<{ status: string }>("SELECT status FROM _meta").one().status;
  });
}

/** Rows of the model that are in an object; a former member's are marked with `*`. */
async function rowsIn({ ids }: RealWorld, relationshipId: string): Promise<RowName[]> {
  const found = await rowsOf<{ id: string; former: number }>(
    { relationshipId },
    "SELECT id, former_author AS former FROM activities UNION ALL SELECT id, 0 FROM notes",
  );
  return namesOf(ids, found);
}

async function readBy({ ids }: RealWorld, member: TestMember): Promise<RowName[] | null> {
  const found: { id: string; former: number }[] = [];
  for (const list of ["activities.list", "notes.list"]) {
    const reply = await member.reply(list, {}, { now: Date.now() });
    if (!reply.ok) return null;
    const { data } = JSON.parse(reply.json) as { data: { items: { id: string }[] } };
    found.push(...data.items.map(({ id }) => ({ id, former: 0 })));
  }
  return namesOf(ids, found);
}

function namesOf(ids: RealWorld["ids"], found: readonly { id: string; former: number }[]): RowName[] {
  const names = new Map([...ids].map(([name, id]) => [id, name]));
  return found.map(({ id, former }) => `${names.get(id) ?? "unknown"}${former === 1 ? "*" : ""}`).toSorted();
}

/** The same view of the model's world. */
export function expected(world: World, readable: (who: Who) => RowName[] | null): Observed {
  return {
    object: world.object,
    directory: world.directory,
    rows: [...world.rows].toSorted(),
    people: BOTH.map((who) => {
      const { inCouple, inSolo, elsewhere, voted, erased, holds } = world.people[who];
      const place = inCouple ? "in the couple" : inSolo ? "alone" : elsewhere ? "elsewhere" : "nowhere";
      return { lives: place, voted, erased, holds: [...holds].toSorted(), reads: readable(who) };
    }),
  };
}
