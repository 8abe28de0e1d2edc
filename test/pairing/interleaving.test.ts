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

/** At least: the lease, the batch, and for each of the two objects the delivery and its note. */
const MOMENTS = 12;

it.each(Array.from({ length: MOMENTS + 1 }, (_, at) => at))(
  "never loses a line that the accepter writes alone while they accept (moment %i)",
  async (at) => {
    const ada = await signedInPerson();
    const grace = await signedInPerson();
    const { token } = await invite(ada);
    const own = await open(grace);
    let written: boolean | undefined;
    const watch = withAction(at, async () => {
      written = await checkIn(own.id, grace.userId, Date.now());
    });
    const answer = await acceptLink(grace, token, { env: watch.env });

    if (at < MOMENTS) expect(written).toBeTypeOf("boolean");
    else expect(watch.moments()).toBe(MOMENTS);
    if (written === true) {
      expect([answer.status, answer.error.code]).toEqual([409, "own_history_exists"]);
      expect(await liveOf(grace)).toMatchObject({ id: own.id, status: "solo" });
      expect(await liveOf(ada)).toMatchObject({ status: "solo" });
    } else {
      expect(answer.status).toBe(200);
      expect((await liveOf(grace))?.id).toBe((await liveOf(ada))?.id);
    }
    // Only what came before the lease was taken could be written.
    expect(written ?? false).toBe(at === 0);
  },
);
