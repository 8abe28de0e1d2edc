import { expect, it } from "vitest";
import { coarseDevice } from "../../src/auth/device.ts";

const WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)";

it.each([
  [
    `Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) ${WEBKIT} Version/17.0 Mobile/15E148 Safari/604.1`,
    "phone",
    "safari",
    "ios",
  ],
  [
    `Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) ${WEBKIT} CriOS/120.0 Mobile/15E148 Safari/604.1`,
    "tablet",
    "chrome",
    "ios",
  ],
  [
    `Mozilla/5.0 (Linux; Android 14; Pixel 8) ${WEBKIT} Chrome/120.0.0.0 Mobile Safari/537.36`,
    "phone",
    "chrome",
    "android",
  ],
  [`Mozilla/5.0 (Linux; Android 14; SM-X900) ${WEBKIT} Chrome/120.0.0.0 Safari/537.36`, "tablet", "chrome", "android"],
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/120.0.0.0 Safari/537.36 Edg/120.0`,
    "computer",
    "edge",
    "windows",
  ],
  ["Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0", "computer", "firefox", "linux"],
  [
    `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${WEBKIT} Version/17.0 Safari/605.1.15`,
    "computer",
    "safari",
    "macos",
  ],
  ["BetterTogether/1 CFNetwork/1490 Darwin/23.0.0", "other", "app", "ios"],
  ["okhttp/4.12.0", "other", "app", "android"],
  ["curl/8.5.0", "other", "other", "other"],
  [null, "other", "other", "other"],
])("keeps only families of %s", (agent, deviceClass, browserFamily, osFamily) => {
  expect(coarseDevice(agent)).toEqual({ deviceClass, browserFamily, osFamily });
});

it("takes no time over an endless agent string", () => {
  expect(coarseDevice("android".repeat(1_000_000)).osFamily).toBe("android");
});
