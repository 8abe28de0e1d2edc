import { exports } from "cloudflare:workers";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { registry } from "../src/domain/registry.ts";
import { findOperation } from "../src/domain/registry.ts";
import { uuidv7 } from "../src/protocol/ids.ts";
import { createCouple, NOON, type TestCouple } from "./support/couple.ts";
import { openSession, signedInPerson } from "./support/people.ts";
import { comparable, ALL_SAMPLES, playSamples, type Ask } from "./support/samples.ts";
import { connect } from "./support/socket-client.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOON });
});

afterEach(() => {
  vi.useRealTimers();
});

async function coupleOfAccounts(): Promise<TestCouple & { headers: { authorization: string } }> {
  const [a, b] = await Promise.all([signedInPerson({ name: "Ada" }), signedInPerson({ name: "Grace" })]);
  const couple = await createCouple({ userIds: [a.userId, b.userId], createdAt: NOON });
  const { headers } = await openSession(a.userId, NOON);
  return { ...couple, headers };
}

function overRest(relationshipId: string, headers: Record<string, string>): Ask {
  return async (name, input) => {
    const base = `https://api.example/api/relationships/${relationshipId}`;
    const isQuery = findOperation(name)?.kind === "query";
    const response = isQuery
      ? await exports.default.fetch(`${base}/queries/${name}?input=${encodeURIComponent(JSON.stringify(input))}`, {
          headers,
        })
      : await exports.default.fetch(`${base}/commands/${name}`, {
          method: "POST",
          headers: { ...headers, "content-type": "application/json", "idempotency-key": uuidv7(Date.now()) },
          body: JSON.stringify(input),
        });
    const body = (await response.json()) as { data?: unknown; error?: unknown };
    return response.ok ? { ok: true, data: body.data } : { ok: false, error: body.error };
  };
}

it("has a sample of every operation and none of a missing one", () => {
  expect(ALL_SAMPLES.map((sample) => sample.name).toSorted()).toEqual(
    registry.map((operation) => operation.name).toSorted(),
  );
});

it("answers every operation alike over REST and over the socket", async () => {
  const rest = await coupleOfAccounts();
  const socketed = await coupleOfAccounts();
  let { socket } = await connect(socketed.relationshipId, socketed.a.userId);
  const overSocket: Ask = async (name, input) => {
    // The demo's clock stands still, so that the limit would never refill.
    vi.setSystemTime(Date.now() + 1_000);
    const kind = findOperation(name)?.kind ?? "command";
    const frame = await socket.ask(kind, name, input);
    if (name === "membership.leave") {
      await socket.closing();
      ({ socket } = await connect(socketed.relationshipId, socketed.a.userId));
    }
    return frame.ok ? { ok: true, data: frame.data } : { ok: false, error: frame.error };
  };
  const viaSocket = await playSamples(overSocket, ALL_SAMPLES);
  vi.setSystemTime(NOON);
  const restAsk = overRest(rest.relationshipId, rest.headers);
  const viaRest = await playSamples((name, input) => {
    vi.setSystemTime(Date.now() + 1_000);
    return restAsk(name, input);
  }, ALL_SAMPLES);
  for (const { name } of ALL_SAMPLES) {
    expect([name, comparable(viaRest.get(name), rest)]).toEqual([name, comparable(viaSocket.get(name), socketed)]);
  }
  const refused = [...viaRest].filter(([, answer]) => !answer.ok).map(([name]) => name);
  expect(refused).toEqual([
    "checkins.share",
    "photos.get",
    "photos.address",
    "photos.update",
    "photos.share",
    "challenges.complete",
    "activities.cancel",
  ]);
}, 30_000);
