import { env, exports } from "cloudflare:workers";
import { expect, it, vi } from "vitest";
import { addDays } from "../../src/domain/calendar.ts";
import type { RunOutput } from "../../src/domain/imports/schema.ts";
import { uuidv7 } from "../../src/protocol/ids.ts";
import { IMPORT_BODY_MAX_BYTES, REQUEST_BODY_MAX_BYTES } from "../../src/protocol/limits.ts";
import { createCouple } from "../support/couple.ts";
import { rowsOf } from "../support/object.ts";
import { signedInPerson } from "../support/people.ts";

it("takes a file that no other request may carry, once for each key", async () => {
  const [a, b] = await Promise.all([signedInPerson({ name: "Ada" }), signedInPerson({ name: "Grace" })]);
  const couple = await createCouple({ userIds: [a.userId, b.userId] });
  const send = (route: string, body: object, key: string): Promise<Response> =>
    exports.default.fetch(`https://api.example/api/relationships/${couple.relationshipId}/${route}`, {
      method: "POST",
      headers: { ...a.headers, "content-type": "application/json", "idempotency-key": key },
      body: JSON.stringify(body),
    });
  const lines = Array.from({ length: 300 }, (_, day) => `${addDays("2020-01-01", day)},7,${"x".repeat(300)}`);
  const file = { kind: "checkins", format: "csv", text: `date,mood,highlight\n${lines.join("\n")}` };
  expect(file.text.length).toBeGreaterThan(REQUEST_BODY_MAX_BYTES);

  const key = uuidv7(Date.now());
  const answers: RunOutput[] = [];
  for (let attempt = 0; attempt < 2; attempt++) {
    const response = await send("imports", file, key);
    expect(response.status).toBe(200);
    answers.push(((await response.json()) as { data: RunOutput }).data);
  }
  expect(answers[0]).toMatchObject({ added: 300, report: [{ fromLine: 2, toLine: 301, outcome: "ok" }] });
  expect(answers[1]).toEqual(answers[0]);
  expect((await send("commands/imports.run", file, uuidv7(Date.now()))).status).toBe(413);
  const tooLong = { ...file, text: "x".repeat(IMPORT_BODY_MAX_BYTES) };
  expect((await send("imports", tooLong, uuidv7(Date.now()))).status).toBe(413);
  expect(await rowsOf(couple, "SELECT COUNT(*) AS n FROM daily_checkins")).toEqual([{ n: 300 }]);
});

it("counts imports together, whichever way they come", async () => {
  const person = await signedInPerson({ name: "Ada" });
  const { relationshipId } = await createCouple({ userIds: [person.userId, (await signedInPerson()).userId] });
  const keys: string[] = [];
  const fence = vi.spyOn(Object.getPrototypeOf(env.RATE_INVITATIONS) as RateLimit, "limit");
  fence.mockImplementation(async ({ key }) => {
    keys.push(key);
    return { success: false };
  });
  const body = JSON.stringify({ kind: "dates", format: "csv", text: "name,type,date\n", dryRun: true });
  const headers = { ...person.headers, "content-type": "application/json", "idempotency-key": uuidv7(Date.now()) };
  for (const route of ["imports", "commands/imports.run"]) {
    const path = `https://api.example/api/relationships/${relationshipId}/${route}`;
    expect((await exports.default.fetch(path, { method: "POST", headers, body })).status).toBe(429);
  }
  fence.mockRestore();
  expect(keys).toEqual([`imports ${person.userId}`, `imports ${person.userId}`]);
});
