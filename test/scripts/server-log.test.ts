import { expect, it } from "vitest";
import { ServerLog } from "../../scripts/server-log.ts";

function shownOf(lines: readonly string[]): string[] {
  const shown: string[] = [];
  const log = new ServerLog((line) => shown.push(line));
  for (const line of lines) log.add(line);
  return shown;
}

it("shows our warnings and errors as people read them, and nothing of what goes well", () => {
  expect(
    shownOf([
      "[wrangler:info] GET /health 200 OK (5ms)",
      '{"level":"info","event":"job.succeeded","job":"mail.deliver","count":0}',
      '\u001b[33m▲ [WARNING]\u001b[0m \u001b[1m{"level":"warn","event":"outbox.delivery_failed","attempts":2}\u001b[0m',
      '✘ [ERROR] {"level":"error","event":"request_failed","route":"/api/me"}',
      "▲ [WARNING] Missing required secrets: AUTH_SECRET.",
    ]),
  ).toEqual(["warn outbox.delivery_failed attempts=2", "error request_failed route=/api/me"]);
});

it("shows an exception with its stack, up to the empty line after it", () => {
  expect(shownOf(["[wrangler:error] Error: boom", "    at fetch (index.js:1:2)", "", "Reloading"])).toEqual([
    "[wrangler:error] Error: boom",
    "    at fetch (index.js:1:2)",
  ]);
});

it("keeps the newest lines for the moment in which something goes wrong, and is silent while the server ends", () => {
  const shown: string[] = [];
  const log = new ServerLog((line) => shown.push(line));
  for (let number = 0; number < 1_000; number++) log.add(`line ${number}`);
  log.mute();
  log.add("[wrangler:error] the other end is gone");
  expect(log.tail(2)).toEqual(["line 998", "line 999"]);
  expect(log.tail(10_000).length).toBeLessThan(1_000);
  expect(shown).toEqual([]);
});
