import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { settle } from "../support/absorbing.ts";
import { rowsOf } from "../support/object.ts";
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

/** The batch, and for each of the two objects the delivery and its note. */
const MOMENTS = 10;

/** Who is where in the end, whether the line was written (`undefined` when its moment never came), and whether it is there. */
async function acceptWhileWriting(
  at: number,
): Promise<{ status: number; same: boolean; moments: number; written: boolean | undefined; arrived: boolean }> {
  const ada = await signedInPerson();
  const grace = await signedInPerson();
  const { token } = await invite(ada);
  const own = await open(grace);
  let written: boolean | undefined;
  const watch = withAction(at, async () => {
    written = await checkIn(own.id, grace.userId, Date.now());
  });
  const { status } = await acceptLink(grace, token, { env: watch.env });
  const [hers, his] = [await liveOf(grace), await liveOf(ada)];
  const coupleId = his?.id ?? "";
  await settle(coupleId);
  const rows = await rowsOf<{ user_id: string; visibility: string }>(
    { relationshipId: coupleId },
    "SELECT user_id, visibility FROM daily_checkins",
  );
  return {
    status,
    same: hers?.id === his?.id && hers?.status === "active",
    moments: watch.moments(),
    written,
    arrived: rows.length === 1 && rows[0]?.user_id === grace.userId && rows[0].visibility === "private",
  };
}

it.each([0, 1])(
  "brings along what the accepter writes before their object has heard anything (moment %i)",
  async (at) => {
    expect(await acceptWhileWriting(at)).toEqual({
      status: 200,
      same: true,
      moments: MOMENTS,
      written: true,
      arrived: true,
    });
  },
);

it.each(Array.from({ length: MOMENTS - 2 }, (_, i) => i + 2))(
  "brings along a line that the accepter's object has acknowledged, and acknowledges no other (moment %i)",
  async (at) => {
    const { written, arrived, ...rest } = await acceptWhileWriting(at);
    expect(written).toBeDefined();
    expect(arrived).toBe(written);
    expect(rest).toEqual({ status: 200, same: true, moments: MOMENTS });
  },
);

it("has no moment that these tests do not know", async () => {
  expect(await acceptWhileWriting(MOMENTS)).toMatchObject({ written: undefined, moments: MOMENTS, same: true });
});
