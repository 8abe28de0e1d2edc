import { expect, inject, it } from "vitest";
import { DEMO_EMAILS, DEMO_PASSWORD } from "../../src/lib/demo-couple.ts";
import type { Page } from "playwright-core";
import { OVERFLOW, picture, useBrowser, visit } from "./visit.ts";

useBrowser();

/** What the list shows on its way from top to bottom: of a long one only what is in sight is there. */
async function operationsFromTopToBottom(page: Page): Promise<Set<string>> {
  const seen = new Set<string>();
  await page.locator(".opblock").first().waitFor();
  for (let isEnd = false; !isEnd;) {
    for (const text of await page.locator(".opblock-summary-path").allTextContents()) {
      seen.add(text.replaceAll("\u200B", ""));
    }
    isEnd = await page.evaluate<boolean>("scrollY + innerHeight >= document.documentElement.scrollHeight - 1");
    await page.evaluate("scrollBy(0, innerHeight / 2)");
    await page.evaluate("new Promise((resume) => requestAnimationFrame(() => requestAnimationFrame(resume)))");
  }
  return seen;
}

async function find(page: Page, name: string): Promise<void> {
  await page.getByPlaceholder("Filter by tag or path").fill(name);
}

it("shows every operation of the document, from this site alone", async () => {
  const { page, origin, errors, foreign } = await visit("/reference/");
  const document = (await (await fetch(`${origin}/openapi.json`)).json()) as { paths: Record<string, object> };
  const seen = await operationsFromTopToBottom(page);
  expect(Object.keys(document.paths).filter((path) => !seen.has(path))).toEqual([]);
  await picture(page, "reference-http", false);
  await find(page, "checkins.submit");
  await page.locator(".opblock-summary", { hasText: "/commands/checkins.submit" }).click();
  await page.getByText("idempotency-key").first().waitFor();
  await picture(page, "reference-operation", false);
  expect(errors).toEqual([]);
  expect(foreign).toEqual([]);
});

it("runs a command from the page, with a key of its own for each try", async () => {
  const { page, origin, errors } = await visit("/reference/");
  const { relationshipId } = (await (await fetch(`${origin}/api/dev/demo-couple`)).json()) as {
    relationshipId: string;
  };
  const account = { email: DEMO_EMAILS.ada, password: DEMO_PASSWORD };
  await page.evaluate(async (body) => {
    const headers = { "content-type": "application/json" };
    await fetch("/api/auth/sign-in/email", { method: "POST", headers, body: JSON.stringify(body) });
  }, account);
  await find(page, "inbox.mark_all_read");
  const operation = page.locator(".opblock", { hasText: "/commands/inbox.mark_all_read" });
  await operation.locator(".opblock-summary").click();
  await operation.getByPlaceholder("id", { exact: true }).fill(relationshipId);
  const keys = new Set<string>();
  page.on("request", (request) => keys.add(request.headers()["idempotency-key"] ?? "none"));
  for (let run = 0; run < 2; run++) {
    await operation.getByRole("button", { name: "Execute" }).click();
    await operation.locator(".live-responses-table").getByText('"marked"').waitFor();
    await operation.getByRole("button", { name: "Clear" }).click();
  }
  keys.delete("none");
  expect(keys.size).toBe(2);
  expect(errors).toEqual([]);
});

it("shows frames, events and close codes beside it", async () => {
  const { page, errors } = await visit("/reference/");
  await page.getByRole("tab", { name: "Socket frames" }).click();
  await page.getByText("checkin.submitted", { exact: true }).click();
  await page.getByText("lateDays").filter({ visible: true }).waitFor();
  await page.getByText("4401").waitFor();
  await picture(page, "reference-frames");
  await page.getByRole("tab", { name: "Errors" }).click();
  await page.getByText("idempotency_conflict").waitFor();
  await picture(page, "reference-errors");
  expect(page.url()).toContain("tab=errors");
  expect(errors).toEqual([]);
});

it("is served with a policy that lets nothing foreign in", async () => {
  for (const path of ["/", "/reference/"]) {
    const { headers } = await fetch(`${inject("origin")}${path}`);
    expect(headers.get("content-security-policy")).toMatch(/default-src 'none'; script-src 'self';/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  }
});

it("fits a phone", async () => {
  const { page } = await visit("/reference/?tab=socket", {
    viewport: { width: 390, height: 844 },
    colorScheme: "dark",
  });
  await page.getByText("What a client sends").waitFor();
  await picture(page, "reference-phone-dark", false);
  expect(await page.evaluate(OVERFLOW)).toBeLessThanOrEqual(0);
});

it("is linked from the live page, together with the mailbox", async () => {
  const { page } = await visit("/");
  await page.getByRole("link", { name: "API reference" }).first().click();
  await page.getByRole("tab", { name: "HTTP" }).waitFor();
  await page.getByRole("link", { name: "Mailbox" }).click();
  await page.waitForURL("**/dev/mailbox");
  expect(await page.title()).not.toBe("");
});
