import { expect, it } from "vitest";
import { OVERFLOW, picture, useBrowser, visit } from "./visit.ts";

useBrowser();

it("shows every operation of the document, from this site alone", async () => {
  const { page, origin, errors, foreign } = await visit("/reference/");
  await page.getByText("/commands/checkins.submit").first().waitFor();
  const document = (await (await fetch(`${origin}/openapi.json`)).json()) as { paths: Record<string, object> };
  const operations = Object.values(document.paths).reduce((count, item) => count + Object.keys(item).length, 0);
  expect(await page.locator(".opblock").count()).toBe(operations);
  await picture(page, "reference-http", false);
  await page.locator(".opblock-summary", { hasText: "/commands/checkins.submit" }).click();
  await page.getByText("idempotency-key").first().waitFor();
  await picture(page, "reference-operation", false);
  expect(errors).toEqual([]);
  expect(foreign).toEqual([]);
});

it("shows frames, events and close codes beside it", async () => {
  const { page, errors } = await visit("/reference/");
  await page.getByRole("tab", { name: "Socket frames" }).click();
  await page.getByText("checkin.submitted", { exact: true }).click();
  await page.getByText("lateDays").waitFor();
  await page.getByText("4401").waitFor();
  await picture(page, "reference-frames");
  await page.getByRole("tab", { name: "Errors" }).click();
  await page.getByText("idempotency_conflict").waitFor();
  await picture(page, "reference-errors");
  expect(page.url()).toContain("tab=errors");
  expect(errors).toEqual([]);
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
