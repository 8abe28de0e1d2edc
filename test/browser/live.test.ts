import { expect, it } from "vitest";
import type { Locator, Page } from "playwright-core";
import { DEMO_PASSWORD } from "../../src/lib/demo-couple.ts";
import { OVERFLOW, picture, useBrowser, visit } from "./visit.ts";

useBrowser();

function pane(page: Page, name: "Ada" | "Grace"): Locator {
  return page.getByRole("region", { name: `${name}'s app` });
}

/** Waits until both panes show their data and are live. */
async function untilLive(page: Page): Promise<void> {
  for (const name of ["Ada", "Grace"] as const) {
    await pane(page, name).locator("[data-line=live]").waitFor();
    await pane(page, name).getByRole("heading", { name: "Streaks" }).waitFor();
  }
}

it("shows a check-in of one partner in the other's pane", async () => {
  const { page, errors, foreign } = await visit("/");
  await untilLive(page);
  await picture(page, "live-before");
  const [ada, grace] = [pane(page, "Ada"), pane(page, "Grace")];
  await ada.getByRole("slider", { name: "Connection" }).fill("9");
  await ada.getByRole("slider", { name: "Mood" }).fill("8");
  await ada.getByLabel("Grateful for").fill("The tea that was already made");
  await ada.getByRole("button", { name: "Check in" }).click();
  await grace.locator("[data-partner-checkin=done]").waitFor();
  expect(await grace.locator("[data-partner-checkin]").textContent()).toContain("connection 9, mood 8");
  await grace.locator(".feed li", { hasText: "Ada checked in" }).waitFor();
  await ada.getByRole("button", { name: "Update" }).waitFor();
  await picture(page, "live-after");
  expect(errors).toEqual([]);
  expect(foreign).toEqual([]);
});

it("tells who is there, and when somebody has gone", async () => {
  const { page } = await visit("/", {}, async (fresh) => {
    await fresh.route("**/api/dev/demo-couple", async (route) => {
      const demo = (await (await route.fetch()).json()) as { members: object[] };
      await route.fulfill({ json: { ...demo, members: demo.members.slice(0, 1) } });
    });
  });
  const ada = pane(page, "Ada");
  await ada.getByText("Grace is away").waitFor();
  const both = await visit("/");
  await untilLive(both.page);
  await ada.getByText("Grace is here").waitFor();
  await both.page.close();
  await ada.getByText("Grace is away").waitFor();
  expect(await page.locator(".chip.here").count()).toBe(0);
});

it("celebrates a badge in both panes, and keeps it after a reload", async () => {
  const { page, errors } = await visit("/");
  await untilLive(page);
  const [ada, grace] = [pane(page, "Ada"), pane(page, "Grace")];
  const before = await grace.locator(".badges .earned").count();
  // Four of five date nights are done in the demo's month, and the fifth is planned for today.
  await grace.getByRole("button", { name: /Ask me anything.* is done/ }).click();
  await Promise.all([ada.locator(".celebration").waitFor(), grace.locator(".celebration").waitFor()]);
  await picture(page, "live-celebration", false);
  await grace.locator(".badges .earned").nth(before).waitFor();
  await page.reload();
  await untilLive(page);
  await grace.locator(".badges .earned").nth(before).waitFor();
  expect(await grace.locator(".celebration").count()).toBe(0);
  expect(errors).toEqual([]);
});

it("plans an activity that both see, and empties an inbox", async () => {
  const { page, errors } = await visit("/");
  await untilLive(page);
  const [ada, grace] = [pane(page, "Ada"), pane(page, "Grace")];
  await grace.getByLabel("What to plan").fill("Breakfast by the river");
  await grace.getByRole("button", { name: "Plan", exact: true }).click();
  await ada.getByText("Breakfast by the river").waitFor();
  await ada.locator("[data-unread]").waitFor();
  await ada.getByRole("button", { name: "Mark all as read" }).click();
  await ada.locator("[data-unread]").waitFor({ state: "detached" });
  expect(errors).toEqual([]);
  expect(await grace.getByLabel("What to plan").inputValue()).toBe("");
});

it("writes the entry of the running challenge", async () => {
  const { page, errors } = await visit("/");
  await untilLive(page);
  const ada = pane(page, "Ada");
  const done = async (): Promise<string | null> => ada.locator(".bars .mine .quiet").textContent();
  const before = await done();
  await ada.getByLabel("Entry of today").fill("Five minutes of only listening");
  await ada.getByRole("button", { name: "Done today" }).click();
  await ada.getByRole("button", { name: "Edit entry" }).waitFor();
  expect(await done()).not.toBe(before);
  await pane(page, "Grace").locator(".feed li", { hasText: "challenge entry" }).waitFor();
  expect(errors).toEqual([]);
});

it("keeps an answer sealed until both have given one", async () => {
  const { page, errors } = await visit("/");
  await untilLive(page);
  const [ada, grace] = [pane(page, "Ada"), pane(page, "Grace")];
  const words = "A lighthouse, and the only bakery with a queue";
  // Seen from the hour of night in which Grace has not answered either, it is her turn first.
  if ((await grace.getByLabel("My answer").count()) > 0) {
    await grace.getByLabel("My answer").fill("I had this one ready");
    await grace.getByRole("button", { name: "Answer" }).click();
  }
  const hers = await grace.locator(".answers .mine").textContent();
  await ada.locator("[data-question='theirs is sealed']").waitFor();
  expect(await ada.getByText(String(hers).replace("My answer: ", "")).count()).toBe(0);
  await ada.getByLabel("My answer").fill(words);
  await ada.getByRole("button", { name: "Answer" }).click();
  await grace.locator(".answers .theirs", { hasText: words }).waitFor();
  await ada.locator("[data-question=open]").waitFor();
  expect(errors).toEqual([]);
});

it("says why the health score is what it is, and what comes next", async () => {
  const { page, errors } = await visit("/");
  await untilLive(page);
  const [ada, grace] = [pane(page, "Ada"), pane(page, "Grace")];
  const score = await ada.locator("[data-health]").getAttribute("data-health");
  expect(Number(score)).toBeGreaterThan(50);
  expect(await grace.locator("[data-health]").getAttribute("data-health")).toBe(score);
  await ada.getByText("Why this number?").focus();
  await page.keyboard.press("Enter");
  await ada.getByText(/Rule version 1, from \d+ check-ins/).waitFor();
  expect(await ada.locator(".ahead .milestone").textContent()).toContain("1,000 days together");
  expect(errors).toEqual([]);
});

it("shows photos and notes of both, and a private note to its author only", async () => {
  const { page, errors, foreign } = await visit("/");
  await untilLive(page);
  const [ada, grace] = [pane(page, "Ada"), pane(page, "Grace")];
  const river = grace.getByAltText("The river after the anniversary dinner");
  await river.scrollIntoViewIfNeeded();
  await expect
    .poll(async () => river.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth))
    .toBe(480);
  await ada.getByLabel("Note", { exact: true }).fill("The ring size is on the back of this");
  await ada.getByLabel("only for me").check();
  await ada.getByRole("button", { name: "Keep", exact: true }).click();
  await ada.locator("[data-note]", { hasText: "ring size" }).waitFor();
  await ada.getByLabel("only for me").uncheck();
  await ada.getByLabel("Note", { exact: true }).fill("Bread is in the oven");
  await ada.getByRole("button", { name: "Keep", exact: true }).click();
  await grace.locator("[data-note]", { hasText: "Bread" }).waitFor();
  expect(await grace.getByText("ring size").count()).toBe(0);
  expect([errors, foreign]).toEqual([[], []]);
});

it("can be used with the keyboard alone", async () => {
  const { page } = await visit("/");
  await untilLive(page);
  const slider = pane(page, "Grace").getByRole("slider", { name: "Mood" });
  await slider.focus();
  const before = Number(await slider.inputValue());
  await page.keyboard.press(before < 10 ? "ArrowRight" : "ArrowLeft");
  expect(Math.abs(Number(await slider.inputValue()) - before)).toBe(1);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  expect(await pane(page, "Grace").locator(":focus").getAttribute("type")).toBe("submit");
  await page.keyboard.press("Enter");
  await pane(page, "Ada").locator("[data-partner-checkin=done]").waitFor();
});

it("fits a phone, in the dark too", async () => {
  const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, colorScheme: "dark" } as const;
  const { page, errors } = await visit("/", phone);
  await untilLive(page);
  await picture(page, "live-phone-dark");
  await pane(page, "Grace").scrollIntoViewIfNeeded();
  await picture(page, "live-phone-dark-top", false);
  expect(await page.evaluate(OVERFLOW)).toBeLessThanOrEqual(0);
  expect(errors).toEqual([]);
});

it("says how to make a demo couple where there is none", async () => {
  const { page, errors } = await visit("/", {}, async (fresh) => {
    await fresh.route("**/api/dev/demo-couple", async (route) => {
      await route.fulfill({ json: { relationshipId: null, password: "", members: [] } });
    });
  });
  await page.getByText("npm start -- --fresh").waitFor();
  await picture(page, "live-nobody", false);
  expect(errors).toEqual([]);
});

it("pauses and resumes for both, by either", async () => {
  const { page, errors } = await visit("/");
  await untilLive(page);
  const [ada, grace] = [pane(page, "Ada"), pane(page, "Grace")];
  await ada.getByLabel("Ada: more").click();
  await ada.getByRole("button", { name: "Pause" }).click();
  await grace.locator("[data-standing=paused]").waitFor();
  expect(await grace.getByRole("button", { name: "Plan", exact: true }).isEnabled()).toBe(true);
  await grace.getByRole("button", { name: "Resume" }).click();
  await ada.locator("[data-standing]").waitFor({ state: "detached" });
  expect(errors).toEqual([]);
});

it("leaves with the password only, stays readable, and opens again when both want it", async () => {
  const { page } = await visit("/");
  await untilLive(page);
  const [ada, grace] = [pane(page, "Ada"), pane(page, "Grace")];
  await ada.getByLabel("Ada: more").click();
  await ada.getByRole("button", { name: "Leave" }).click();
  const dialog = page.locator("dialog[open]");
  await dialog.getByLabel("Your password").fill("not the password");
  await dialog.getByRole("button", { name: "Leave now" }).click();
  await dialog.getByRole("alert").waitFor();
  expect(await page.locator("[data-standing]").count()).toBe(0);
  await dialog.getByLabel("Your password").fill(DEMO_PASSWORD);
  await dialog.getByRole("button", { name: "Leave now" }).click();
  await Promise.all([ada, grace].map(async (each) => each.locator("[data-standing=frozen]").waitFor()));
  await ada.getByRole("list", { name: "Where help can be found" }).waitFor();
  await picture(page, "live-parted", false);
  expect(await grace.getByRole("button", { name: "Plan", exact: true }).isEnabled()).toBe(false);
  expect(await grace.locator(".chip.presence").count()).toBe(0);
  await grace.getByLabel("Grace: more").click();
  const download = page.waitForEvent("download");
  await grace.getByRole("button", { name: "Take my data along" }).click();
  expect((await download).suggestedFilename()).toBe("Grace.html");
  // The page finds what can still be read.
  await page.reload();
  for (const each of [ada, grace]) await each.getByRole("button", { name: "I want it back" }).click();
  for (const each of [ada, grace]) await each.locator("[data-standing]").waitFor({ state: "detached" });
  await untilLive(page);
  expect(await grace.getByRole("button", { name: "Plan", exact: true }).isEnabled()).toBe(true);
});
