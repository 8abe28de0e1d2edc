import { expect, it } from "vitest";
import { createClient } from "../../src/client/client.ts";
import { freshAddress, PASSWORD } from "./invitation-people.ts";
import { OVERFLOW, picture, useBrowser, visit } from "./visit.ts";

useBrowser();

it("shows the mails to one address, and a mail as its reader would see it", async () => {
  const email = freshAddress("Ada");
  const { page, origin, errors, foreign } = await visit("/dev/mailbox");
  await createClient({ baseUrl: origin }).signUp({ name: "Ada", email, password: PASSWORD });
  await page.reload();
  await picture(page, "mailbox-list", false);
  await page.getByLabel("Mails to").fill(email);
  await page.getByRole("button", { name: "Show" }).click();
  await page.getByRole("link", { name: "Show all" }).waitFor();
  expect(await page.locator(".mail").count()).toBe(1);
  await picture(page, "mailbox-filtered", false);
  await page.getByRole("link", { name: "Confirm your e-mail address" }).click();
  await page.frameLocator("iframe").getByText("please confirm that this address is yours").waitFor();
  await picture(page, "mailbox-mail");
  expect(errors).toEqual([]);
  expect(foreign).toEqual([]);
  await page.getByRole("link", { name: "Open the link" }).click();
  await page.getByText("Your address is confirmed").waitFor();
});

it("fits a phone, in the dark too", async () => {
  const phone = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, colorScheme: "dark" } as const;
  const { page } = await visit("/dev/mailbox", phone);
  await page.locator(".mail").first().waitFor();
  await picture(page, "mailbox-phone-dark", false);
  expect(await page.evaluate(OVERFLOW)).toBeLessThanOrEqual(0);
  await page.locator(".subject").first().click();
  await page.frameLocator("iframe").getByText("Hello").waitFor();
  // Browsers paint a frame only where it can be seen.
  await page.locator("iframe").scrollIntoViewIfNeeded();
  await picture(page, "mailbox-phone-dark-mail", false);
  expect(await page.evaluate(OVERFLOW)).toBeLessThanOrEqual(0);
});
