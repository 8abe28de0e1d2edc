import { env, exports } from "cloudflare:workers";
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import * as z from "zod";
import { rebuildService } from "../src/domain/insights/rebuild.ts";
import { registry } from "../src/domain/registry.ts";
import { uuidv7 } from "../src/protocol/ids.ts";
import { callService } from "../src/relationship/stub.ts";
import { createCouple, NOON, type TestCouple } from "./support/couple.ts";
import { rowsOf } from "./support/object.ts";
import { openSession, signedInPerson } from "./support/people.ts";
import { playSamples, SAMPLES } from "./support/samples.ts";
import { connect } from "./support/socket-client.ts";

const FRAMES = 16_500;
const REQUESTS = 4_000;
/** Below the burst, so that the rate limit, which has a test of its own, stays out of this one. */
const FRAMES_AT_ONCE = 50;
const SEED = 20_261_123;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOON });
});

afterEach(() => {
  vi.useRealTimers();
});

/** Values that no field of ours takes. */
const impossible: readonly unknown[] = [
  {},
  { deep: [[[[[[[[[["down"]]]]]]]]]] },
  [[]],
  [{}],
  1e308,
  -1e15,
  0.5,
  "\u0000",
  "nul \u0000 inside",
  "lone \ud800 surrogate",
  "x".repeat(5_001),
];

const fieldsOf = new Map<string, string[]>(
  registry.map((operation) => {
    const schema = z.toJSONSchema(operation.input, { io: "input", unrepresentable: "any" });
    return [operation.name, Object.keys(schema.properties ?? {})];
  }),
);

/** An operation's valid input with one field spoiled, or with a field that nobody knows. */
const spoiled = fc
  .record({ sample: fc.nat(), field: fc.nat(), value: fc.constantFrom(...impossible), extra: fc.boolean() })
  .map(({ sample, field, value, extra }) => {
    const { name } = SAMPLES[sample % SAMPLES.length] ?? { name: "" };
    const fields = fieldsOf.get(name) ?? [];
    const key = fields.length === 0 || extra ? "nobody_knows_this" : (fields[field % fields.length] ?? "");
    return { name, input: { [key]: value } };
  })
  // Where everything may be left out, an empty object says nothing and is no mistake.
  .filter(({ name, input }) => registry.find((each) => each.name === name)?.input.safeParse(input).success === false);

const junkName = fc.oneof(
  fc.string(),
  fc.constantFrom("__proto__", "constructor", "checkins.submit\u0000", "toString", "a".repeat(65)),
);

/** Frames that must be refused. */
const badFrame: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 6,
    arbitrary: spoiled.map(({ name, input }) => JSON.stringify({ type: kindOf(name), id: uuidv7(NOON), name, input })),
  },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string() },
  {
    weight: 1,
    arbitrary: junkName.map((name) => JSON.stringify({ type: "command", id: uuidv7(NOON), name, input: {} })),
  },
  {
    weight: 1,
    arbitrary: fc
      .oneof(fc.string(), fc.uuid({ version: 4 }), fc.constantFrom(uuidv7(1), uuidv7(NOON * 2)))
      .map((id) =>
        JSON.stringify({ type: "command", id, name: "activities.plan", input: { name: "x", type: "custom" } }),
      ),
  },
  {
    weight: 1,
    arbitrary: fc.array(spoiled, { maxLength: 3 }).map((items) =>
      JSON.stringify({
        type: "batch",
        commands: items.map(({ name, input }) => ({ id: uuidv7(NOON), name, input })),
      }),
    ),
  },
);

function kindOf(name: string): string {
  return registry.find((operation) => operation.name === name)?.kind ?? "command";
}

/** Every row of the couple's tables but the socket's own bookkeeping and the plan of what the alarm does next. */
async function dump(couple: TestCouple): Promise<string> {
  return runInDurableObject(env.RELATIONSHIP.getByName(couple.relationshipId), (_, state) => {
    const tables = state.storage.sql
      .exec<{ name: string }>(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'",
      )
      .toArray()
      .map((row) => row.name)
      .filter((name) => name !== "socket_tokens" && name !== "schedule");
    return JSON.stringify(tables.map((name) => [name, state.storage.sql.exec(`SELECT * FROM ${name}`).toArray()]));
  });
}

/** What does not follow from the tables, though rules should have written it. */
async function rebuilt({ relationshipId }: TestCouple): Promise<unknown[]> {
  return (await callService(env, relationshipId, rebuildService, { apply: false }, Date.now())).differences;
}

async function coupleWithHistory(): Promise<TestCouple & { headers: Record<string, string> }> {
  const [a, b] = await Promise.all([signedInPerson(), signedInPerson()]);
  const couple = await createCouple({ userIds: [a.userId, b.userId], createdAt: NOON });
  await playSamples(async (name, input) => {
    const reply = await couple.a.reply(name, input);
    return reply.ok ? { ok: true, data: (JSON.parse(reply.json) as { data: unknown }).data } : { ok: false };
  });
  await flushed(couple);
  return { ...couple, headers: (await openSession(a.userId, NOON)).headers };
}

/** Runs the flush that is due, so that nothing is left to change the counters later but what is sent next. */
async function flushed(couple: TestCouple): Promise<void> {
  const stub = env.RELATIONSHIP.getByName(couple.relationshipId);
  vi.setSystemTime(NOON + 60_000);
  await runDurableObjectAlarm(stub);
  const [left] = await rowsOf<{ n: number; total: number }>(
    couple,
    "SELECT count(*) AS total, count(*) FILTER (WHERE source_seq > flushed_seq) AS n FROM event_summaries",
  );
  expect(left?.total).toBeGreaterThan(0);
  expect(left?.n).toBe(0);
}

it(`refuses ${FRAMES} bad frames by name, changes no row, keeps the socket open and the partner undisturbed`, async () => {
  const couple = await coupleWithHistory();
  const { socket } = await connect(couple.relationshipId, couple.a.userId);
  const partner = await connect(couple.relationshipId, couple.b.userId);
  const before = await dump(couple);
  const accepted: unknown[] = [];
  const codes = new Set<string>();
  const frames = fc.sample(badFrame, { numRuns: FRAMES, seed: SEED });
  for (let start = 0; start < frames.length; start += FRAMES_AT_ONCE) {
    vi.setSystemTime(Date.now() + 4_000);
    for (const frame of frames.slice(start, start + FRAMES_AT_ONCE)) socket.send(frame);
    await socket.settle();
    const replies = socket.frames.splice(0).filter((frame) => frame.type !== "ready" && frame.type !== "presence");
    // The last one is the answer to `settle`.
    for (const reply of replies.slice(0, -1).flatMap((frame) => (frame.type === "results" ? frame.results : [frame]))) {
      if ("error" in reply) codes.add(reply.error.code);
      else accepted.push(reply);
    }
  }
  expect(accepted).toEqual([]);
  expect([...codes].toSorted()).toEqual(["command_expired", "invalid_frame", "invalid_input", "unknown_command"]);
  expect(socket.closed).toBeNull();
  expect(partner.socket.closed).toBeNull();
  expect(partner.socket.eventNames()).toEqual([]);
  expect(await dump(couple)).toBe(before);
  expect(await rebuilt(couple)).toEqual([]);
}, 90_000);

/** Whether a command takes `body` as it is, such as none at all where nothing has to be said. */
function isTaken(name: string, body: string): boolean {
  const operation = registry.find((each) => each.name === name && each.kind === "command");
  try {
    return operation?.input.safeParse(body === "" ? {} : JSON.parse(body)).success ?? false;
  } catch {
    return false;
  }
}

const anyRequest = fc.record({
  spoiled,
  body: fc.oneof(
    { weight: 4, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.string() },
    { weight: 1, arbitrary: fc.json() },
  ),
  type: fc.constantFrom("application/json", "application/json", "text/plain", "application/x-www-form-urlencoded", ""),
  key: fc.oneof(fc.constant(uuidv7(NOON)), fc.constantFrom("", "x", "00000000-0000-0000-0000-000000000000")),
  path: fc.oneof({ weight: 6, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.webPath() }),
});
const badRequest = anyRequest.filter(({ spoiled: { name }, body }) => body === null || !isTaken(name, body));

it(`answers ${REQUESTS} bad requests without a 5xx and changes no row`, async () => {
  const couple = await coupleWithHistory();
  const before = await dump(couple);
  const failures: unknown[] = [];
  for (const request of fc.sample(badRequest, { numRuns: REQUESTS, seed: SEED })) {
    const { name, input } = request.spoiled;
    const isQuery = kindOf(name) === "query";
    const base = `https://api.example/api/relationships/${couple.relationshipId}`;
    const text = request.body ?? JSON.stringify(input);
    const url =
      request.path === null ? `${base}/${isQuery ? "queries" : "commands"}/${name}` : `${base}${request.path}`;
    const response = await exports.default.fetch(
      isQuery ? `${url}?input=${encodeURIComponent(text.toWellFormed())}` : url,
      {
        method: isQuery ? "GET" : "POST",
        headers: { ...couple.headers, "content-type": request.type, "idempotency-key": request.key },
        ...(isQuery ? {} : { body: text }),
      },
    );
    const body = await response.text();
    const isTyped = response.ok || (JSON.parse(body) as { error?: { code?: string } }).error?.code !== undefined;
    // A query ignores what a command would refuse, such as its key; with an input that says nothing it may be answered.
    if (response.status >= 500 || !isTyped || (response.ok && !isQuery))
      failures.push({ request, status: response.status, body });
  }
  expect(failures.slice(0, 3)).toEqual([]);
  expect(await dump(couple)).toBe(before);
  expect(await rebuilt(couple)).toEqual([]);
}, 90_000);
