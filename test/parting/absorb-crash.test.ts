import { env } from "cloudflare:workers";
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { RelationshipObject } from "../../src/relationship/relationship-object.ts";
import { isAlive, runMoves, settle } from "../support/absorbing.ts";
import { createCouple, createSolo, type TestCouple } from "../support/couple.ts";
import { eventsOf, rowsOf } from "../support/object.ts";
import { AT, decideMove, freeze, tell } from "./directory-moves.ts";
import { contentOf, filesOf, seedEverything } from "./moving-rows.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: AT });
});

afterEach(() => {
  vi.useRealTimers();
});

type Method = (...args: unknown[]) => Promise<unknown>;
type Moment = "before" | "after";

/** This environment, but the `at`th of all calls to the directory, the files and other objects is cut off. */
function withCut(at: number, moment: Moment): { env: Env; calls: () => number } {
  let calls = 0;
  const watched =
    (method: Method): Method =>
    async (...args) => {
      calls += 1;
      if (calls !== at) return method(...args);
      if (moment === "after") await method(...args);
      throw new Error("cut off");
    };
  const around = <T extends object>(target: T, names: readonly string[]): T =>
    new Proxy(target, {
      get(object, property) {
        const value: unknown = Reflect.get(object, property);
        if (typeof value !== "function") return value;
        const method = (value as Method).bind(object);
        return names.includes(String(property)) ? watched(method) : method;
      },
    });
  const prepare = (query: string): D1PreparedStatement => {
    const statement = env.DB.prepare(query);
    return new Proxy(statement, {
      get(object, property) {
        if (property === "bind") return (...binds: unknown[]) => around(object.bind(...binds), ["first", "all", "run"]);
        return Reflect.get(object, property) as unknown;
      },
    });
  };
  const DB = new Proxy(env.DB, {
    get(object, property) {
      if (property === "prepare") return prepare;
      // The proxies of statements are ours; the database wants its own.
      if (property === "batch") return watched(async (...args) => env.DB.batch(args[0] as D1PreparedStatement[]));
      return Reflect.get(object, property) as unknown;
    },
  });
  const getByName = (name: string): unknown => {
    const stub = env.RELATIONSHIP.getByName(name);
    const serve = watched(async (...args) => (stub as unknown as { serve: Method }).serve(...args));
    return new Proxy(stub, {
      get: (object, property) => (property === "serve" ? serve : Reflect.get(object, property)),
    });
  };
  const RELATIONSHIP = { getByName } as unknown as Env["RELATIONSHIP"];
  const FILES = around(env.FILES, ["head", "get", "put", "list", "delete"]);
  return { env: { ...env, DB, FILES, RELATIONSHIP }, calls: () => calls };
}

/** Runs the moves of an object once, in a world of the given calls, and lets it forget everything afterwards. */
async function runCut(relationshipId: string, world: Env): Promise<void> {
  const stub = env.RELATIONSHIP.getByName(relationshipId);
  await runInDurableObject(stub, async (instance: RelationshipObject, state) => {
    (instance as unknown as { env: Env }).env = world;
    state.storage.sql.exec("UPDATE schedule SET due_at = 0 WHERE kind IN ('absorb', 'destroy')").toArray();
    await instance.alarm();
  });
  await evictDurableObject(stub);
}

async function parted(): Promise<{ old: TestCouple; ada: TestCouple; expected: string }> {
  const old = await createCouple({ createdAt: AT });
  const seeded = await seedEverything(old.relationshipId, { mine: old.a.userId, theirs: old.b.userId });
  await freeze(old, AT);
  const ada = await createSolo({ createdAt: AT, userIds: [old.a.userId, "nobody"] });
  await runInDurableObject(env.RELATIONSHIP.getByName(old.relationshipId), (_, state) => {
    state.storage.sql.exec("UPDATE members SET parting_choice = 'decline' WHERE user_id = ?", old.b.userId).toArray();
  });
  await decideMove(old.relationshipId, old.a.userId, ada.relationshipId, AT);
  const words = seeded
    .filter((row) => row.author === old.a.userId || row.visibility === "joint")
    .map((row) => row.words);
  return { old, ada, expected: JSON.stringify(inOrder(words)) };
}

/** How things stand once the source has had its turn, too. */
async function outcomeOf({ old, ada, expected }: Awaited<ReturnType<typeof parted>>): Promise<object> {
  const content = await contentOf(ada.relationshipId);
  const words = Object.values(content)
    .flat()
    .flatMap((row) => Object.values(row))
    .filter((value) => typeof value === "string")
    .filter((value) => / of .*, (private|shared|joint), /.test(value));
  const files = content["photos"]?.map((row) => String(row["object_key"]));
  const told = await eventsOf(ada, "history.moved");
  const planned = await rowsOf(ada, "SELECT 1 FROM schedule WHERE kind = 'absorb'");
  await runMoves(old.relationshipId);
  return {
    hasAllOnce: JSON.stringify(inOrder(words)) === expected,
    hasFiles: JSON.stringify(await filesOf(ada.relationshipId)) === JSON.stringify(files),
    told: told.map(({ data }) => data),
    planned,
    isSourceAlive: await isAlive(old.relationshipId),
    filesLeft: await filesOf(old.relationshipId),
  };
}

const MOVED = {
  hasAllOnce: true,
  hasFiles: true,
  told: ['{"rows":24}'],
  planned: [],
  isSourceAlive: false,
  filesLeft: [],
};

const inOrder = (words: readonly string[]): string[] => words.toSorted((a, b) => a.localeCompare(b));

async function countCalls(): Promise<{ absorbing: number; destroying: number }> {
  const scene = await parted();
  await tell(AT, scene.ada.relationshipId);
  const absorb = withCut(0, "before");
  await runCut(scene.ada.relationshipId, absorb.env);
  const destroy = withCut(0, "before");
  await runCut(scene.old.relationshipId, destroy.env);
  expect(await outcomeOf(scene)).toEqual(MOVED);
  return { absorbing: absorb.calls(), destroying: destroy.calls() };
}

const ABSORBING = 10;
const DESTROYING = 4;

it("has no step that these tests do not cut off", async () => {
  expect(await countCalls()).toEqual({ absorbing: ABSORBING, destroying: DESTROYING });
});

/** Before each call, and after the last one and after those whose answer is followed by a write of the object's own. */
const cuts = (count: number, alsoAfter: readonly number[] = []): [number, Moment][] => [
  ...Array.from({ length: count }, (_, i): [number, Moment] => [i + 1, "before"]),
  ...[...alsoAfter, count].map((at): [number, Moment] => [at, "after"]),
];

it.each(cuts(ABSORBING, [ABSORBING - 2]))(
  "moves everything once when call %i of the move is cut off %s it took effect",
  async (at, moment) => {
    const scene = await parted();
    await tell(AT, scene.ada.relationshipId);
    await runCut(scene.ada.relationshipId, withCut(at, moment).env);
    await settle(scene.ada.relationshipId);
    expect(await outcomeOf(scene)).toEqual(MOVED);
  },
);

it.each(cuts(DESTROYING))("destroys everything when call %i of it is cut off %s it took effect", async (at, moment) => {
  const scene = await parted();
  await tell(AT, scene.ada.relationshipId);
  await settle(scene.ada.relationshipId);
  await runCut(scene.old.relationshipId, withCut(at, moment).env);
  expect(await outcomeOf(scene)).toEqual(MOVED);
});

it.each([
  ["its rows", "INSERT ON notes", 0],
  ["the place where the next page begins", "UPDATE ON absorptions", 0],
  // By then everything is here, and only the job does not know that it is done.
  ["the job", "DELETE ON schedule", 24],
])("takes a page wholly or not at all when the write of %s fails", async (_, event, rows) => {
  const scene = await parted();
  await tell(AT, scene.ada.relationshipId);
  const stub = env.RELATIONSHIP.getByName(scene.ada.relationshipId);
  await runInDurableObject(stub, (_instance, state) => {
    const fault = `CREATE TRIGGER fault BEFORE ${event} BEGIN SELECT RAISE(ABORT, 'fault'); END`;
    state.storage.sql.exec(fault).toArray();
  });
  await runMoves(scene.ada.relationshipId).catch(() => null);
  expect(Object.values(await contentOf(scene.ada.relationshipId)).flat()).toHaveLength(rows);
  await runInDurableObject(stub, (_instance, state) => void state.storage.sql.exec("DROP TRIGGER fault").toArray());
  await settle(scene.ada.relationshipId);
  await runMoves(scene.ada.relationshipId);
  expect(await outcomeOf(scene)).toEqual(MOVED);
});

it("takes a page that is read twice at the same time only once", async () => {
  const scene = await parted();
  await tell(AT, scene.ada.relationshipId);
  await Promise.all([runMoves(scene.ada.relationshipId), runMoves(scene.ada.relationshipId)]);
  await settle(scene.ada.relationshipId);
  expect(await outcomeOf(scene)).toEqual(MOVED);
});
