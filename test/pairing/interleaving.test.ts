import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { signedInPerson } from "../support/people.ts";
import { checkIn } from "./object-view.ts";
import { acceptLink, invite, liveOf, open } from "./pairing-app.ts";

type Method = (...args: unknown[]) => Promise<unknown>;

/** Runs `action` at the `at`th moment (0 is the first) before or after a call that changes D1 or an object. */
function withAction(at: number, action: () => Promise<void>): { env: Env; moments: () => number } {
  let moments = 0;
  const moment = async (): Promise<void> => {
    if (moments++ === at) await action();
  };
  const watched = (call: Method): Method => {
    return async (...args) => {
      await moment();
      const result = await call(...args);
      await moment();
      return result;
    };
  };
  const DB = new Proxy(env.DB, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (typeof value !== "function") return value;
      const method = (value as Method).bind(target);
      return property === "batch" ? watched(method) : method;
    },
  });
  const getByName = (name: string): unknown =>
    new Proxy(env.RELATIONSHIP.getByName(name), {
      get: (target, property) =>
        watched(async (...args) => (target as unknown as Record<string | symbol, Method>)[property]?.(...args)),
    });
  const RELATIONSHIP = { getByName } as unknown as Env["RELATIONSHIP"];
  return { env: { ...env, DB, RELATIONSHIP }, moments: () => moments };
}

/** The lease, the batch, and for each of the two objects the delivery and its note. */
const MOMENTS = 12;

/** Who is where in the end, and whether the line was written: `undefined` when its moment never came. */
async function acceptWhileWriting(
  at: number,
): Promise<{ answer: string; same: boolean; kept: boolean; moments: number; written: boolean | undefined }> {
  const ada = await signedInPerson();
  const grace = await signedInPerson();
  const { token } = await invite(ada);
  const own = await open(grace);
  let written: boolean | undefined;
  const watch = withAction(at, async () => {
    written = await checkIn(own.id, grace.userId, Date.now());
  });
  const { status, error } = await acceptLink(grace, token, { env: watch.env });
  const [hers, his] = [await liveOf(grace), await liveOf(ada)];
  return {
    answer: status === 200 ? "joined" : error.code,
    same: hers?.id === his?.id && hers?.status === "active",
    kept: hers?.id === own.id && hers.status === "solo" && his?.status === "solo",
    moments: watch.moments(),
    written,
  };
}

it("keeps a line that the accepter writes alone before the acceptance closes their object", async () => {
  expect(await acceptWhileWriting(0)).toMatchObject({ written: true, answer: "own_history_exists", kept: true });
});

it.each(Array.from({ length: MOMENTS - 1 }, (_, i) => i + 1))(
  "takes no line any more once the acceptance has closed the object (moment %i)",
  async (at) => {
    expect(await acceptWhileWriting(at)).toEqual({
      written: false,
      answer: "joined",
      same: true,
      kept: false,
      moments: MOMENTS,
    });
  },
);

it("has no moment that these tests do not know", async () => {
  expect(await acceptWhileWriting(MOMENTS)).toMatchObject({ written: undefined, moments: MOMENTS, same: true });
});
