import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { signedInPerson } from "../support/people.ts";
import { Walk } from "./keeping-away-walk.ts";
import { pair, START } from "./parting-steps.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: START });
});

afterEach(() => {
  vi.useRealTimers();
});

it.each([3, 11, 20])("keeps away whoever was left, and nobody else, whatever the two do (walk %i)", async (seed) => {
  const couple = await pair();
  const third = await signedInPerson();
  const walk = new Walk([couple.ada, couple.grace, third], couple.relationshipId);
  let state = seed;
  const draw = (below: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
  const path: string[] = [];
  for (let steps = 0; steps < 14; steps++) {
    path.push(await walk.step(draw));
    await walk.check().catch((error: unknown) => {
      throw new Error(`after: ${path.join("; ")}`, { cause: error });
    });
  }
  await walk.meetThird();
  expect(path.some((step) => step.endsWith("together"))).toBe(true);
});
