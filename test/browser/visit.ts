import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, inject } from "vitest";

const CHROMIUM = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
/** Below the test's own, so that a failure names what was waited for. */
const PATIENCE_MS = 10_000;
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** How many pixels a page is wider than its window; runs in the page. */
export const OVERFLOW = "document.documentElement.scrollWidth - innerWidth";

/** A page, and whatever it should not have done. */
export interface Visit {
  page: Page;
  origin: string;
  /** Console errors and uncaught exceptions. */
  errors: string[];
  /** Requests that left the site. */
  foreign: string[];
}

let browser: Browser | undefined;

/** One browser for the tests of a file. */
export function useBrowser(): void {
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  });
  // Whoever stays would be seen as present by the next test.
  afterEach(async () => {
    await Promise.all((browser?.contexts() ?? []).map((context) => context.close()));
  });
  afterAll(async () => browser?.close());
}

/** Opens `path` in a fresh profile. @param prepare runs before the first request */
export async function visit(
  path: string,
  options: BrowserContextOptions = {},
  prepare: (page: Page) => Promise<void> = async () => undefined,
): Promise<Visit> {
  if (browser === undefined) throw new Error("useBrowser comes first");
  const origin = inject("origin");
  const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const errors: string[] = [];
  const foreign: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("request", (request) => {
    if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== origin) foreign.push(request.url());
  });
  await prepare(page);
  await page.goto(`${origin}${path}`);
  return { page, origin, errors, foreign };
}

/** Keeps a picture for a person to look at, in the folder that SCREENSHOTS names. */
export async function picture(page: Page, name: string, fullPage = true): Promise<void> {
  const folder = process.env["SCREENSHOTS"];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage, animations: "disabled" });
}
