import { expect, inject, it } from "vitest";
import type { Page } from "playwright-core";
import { confirmAddress, waitForMail } from "../../scripts/mailbox.ts";
import { createClient } from "../../src/client/client.ts";
import { freshAddress, openAccount, PASSWORD, signInAs, type Account } from "./invitation-people.ts";
import { OVERFLOW, picture, useBrowser, visit, type Visit } from "./visit.ts";

useBrowser();

/** The path of an invitation's link, as the mail carries it. */
function pathOf(link: string): string {
  const { pathname, hash } = new URL(link);
  return pathname + hash;
}

async function visitAs(account: Account, path: string, options = {}): Promise<Visit> {
  return visit(path, options, async (page) => signInAs(page, account));
}

async function title(page: Page, text: string | RegExp): Promise<void> {
  await page.getByRole("heading", { level: 1, name: text }).waitFor();
}

/** Console errors, but for the refusals that a test has provoked: browsers log each of them. */
function unexpected(errors: readonly string[]): string[] {
  return errors.filter((error) => !/Failed to load resource.*\b(401|404|409|410|429)\b/.test(error));
}

it("leads a newcomer from the link of the mail to the couple, and sends the secret nowhere", async () => {
  const ada = await openAccount("Ada");
  const email = freshAddress("Grace");
  await ada.client.invite({ inviteeEmail: email });
  const mail = await waitForMail(inject("origin"), email, "partner_invitation");
  const link = mail.links.find((each) => each.includes("#token=")) ?? "";
  const token = link.split("#token=")[1] ?? "none";
  const seen: string[] = [];
  const { page, origin, errors, foreign } = await visit(pathOf(link), {}, async (fresh) => {
    fresh.on("request", (request) => {
      seen.push(request.url(), request.headers()["referer"] ?? "");
      if (!/\/api\/invitations\/(preview|accept)$/.test(request.url())) seen.push(request.postData() ?? "");
    });
    return Promise.resolve();
  });
  await title(page, "Ada invites you");
  await picture(page, "invitation-stranger");
  await page.getByLabel("Your name").fill("Grace");
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign up" }).click();
  await page.getByText("is on its way").waitFor();
  await picture(page, "invitation-mailed");

  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").getByText("not confirmed yet").waitFor();
  await confirmAddress(origin, email);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText(`You are signed in as Grace (${email})`).waitFor();
  await picture(page, "invitation-answer");
  await page.getByRole("button", { name: "Accept" }).click();
  await title(page, "You and Ada are connected");
  await page.getByText("Ada sees it at once").waitFor();
  await picture(page, "invitation-joined");

  const { relationship } = await ada.client.pairing();
  expect(relationship?.members.map(({ name }) => name)).toEqual(["Ada", "Grace"]);
  expect(page.url()).not.toContain(token);
  expect(seen.join("\n")).not.toContain(token);
  expect(unexpected(errors)).toEqual([]);
  expect(foreign).toEqual([]);
});

it("takes a no without an account, and says afterwards that the link is closed", async () => {
  const ada = await openAccount("Ada");
  const path = pathOf((await ada.client.invite()).link);
  const { page, errors } = await visit(path);
  await page.getByRole("button", { name: "Decline" }).click();
  await title(page, "You said no");
  expect((await ada.client.invitations()).sent[0]?.status).toBe("declined");
  const again = await visit(path);
  await title(again.page, "This invitation was declined");
  expect(unexpected(errors)).toEqual([]);
});

it("says why a link leads nowhere", async () => {
  const ada = await openAccount("Ada");
  const first = await ada.client.invite();
  const second = await ada.client.invite();
  await title((await visit(pathOf(first.link))).page, "This invitation was withdrawn");

  const late = await visit(pathOf(second.link), {}, async (page) => {
    const later = String(Date.now() + 8 * 86_400_000);
    await page.route("**/api/invitations/preview", async (route) => {
      await route.continue({ headers: { ...route.request().headers(), "x-bt-now": later } });
    });
  });
  await title(late.page, "This invitation has run out");
  await picture(late.page, "invitation-expired", false);

  const grace = await openAccount("Grace");
  await grace.client.acceptInvitation({ token: second.token });
  await title((await visit(pathOf(second.link))).page, "This invitation was used");
  await title((await visit(`/invitation#token=${"x".repeat(43)}`)).page, "This link is not valid");
  await title((await visit("/invitation#token=short")).page, "This link is not valid");
  expect((await grace.client.pairing()).relationship?.status).toBe("active");
});

it("receives whoever confirms an address by the link of the mail", async () => {
  const email = freshAddress("Ada");
  const origin = inject("origin");
  await createClient({ baseUrl: origin }).signUp({ name: "Ada", email, password: PASSWORD });
  const { links } = await waitForMail(origin, email, "verification");
  const { page } = await visit(new URL(links[0] ?? "").pathname + new URL(links[0] ?? "").search);
  await page.getByText("Your address is confirmed").waitFor();
  await picture(page, "invitation-confirmed", false);
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("You are signed in as Ada").waitFor();
  await page.goto(`${origin}/invitation/?verified=0`);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByText("This link was used already").waitFor();
  expect((await page.context().cookies()).filter(({ value }) => value !== "")).toEqual([]);
});

it("says why somebody cannot accept, and changes nothing", async () => {
  const ada = await openAccount("Ada");
  const path = pathOf((await ada.client.invite()).link);
  const own = await visitAs(ada, path);
  await own.page.getByRole("button", { name: "Accept" }).click();
  await own.page.getByRole("alert").getByText("This is your own invitation").waitFor();

  const [mira, theo] = [await openAccount("Mira"), await openAccount("Theo")];
  await theo.client.acceptInvitation({ token: (await mira.client.invite()).token });
  await title((await visitAs(theo, path)).page, "You are with Mira already");
  expect((await ada.client.invitations()).sent[0]?.status).toBe("pending");
});

it("brings along what somebody wrote on their own, for their own eyes", async () => {
  const [ada, grace] = [await openAccount("Ada"), await openAccount("Grace")];
  const alone = await grace.client.openRelationship();
  await grace.client.command(alone.id, "goals.create", { name: "Learn to sail", type: "custom" });
  const { page } = await visitAs(grace, pathOf((await ada.client.invite()).link));
  await page.getByRole("button", { name: "Accept" }).click();
  const goalsOf = async ({ client }: typeof ada): Promise<string[]> => {
    const { relationship } = await client.pairing();
    if (relationship?.members.length !== 2) return [];
    return (await client.query(relationship.id, "goals.list", {})).items.map(({ name }) => name);
  };
  await expect.poll(async () => goalsOf(grace), { timeout: 10_000 }).toEqual(["Learn to sail"]);
  expect(await goalsOf(ada)).toEqual([]);
});

it("lets in whoever types the code only after the inviter has said yes to the name", async () => {
  const [ada, grace] = [await openAccount("Ada"), await openAccount("Grace")];
  const { code } = await ada.client.invite();
  const typed = await visitAs(grace, "/invitation");
  await title(typed.page, "Find each other");
  const digits = typed.page.getByLabel("Six digits");
  await digits.fill(code === "000000" ? "111111" : "000000");
  await typed.page.getByRole("button", { name: "Ask to join" }).click();
  await typed.page.getByRole("alert").getByText("tries left").waitFor();
  await picture(typed.page, "invitation-wrong-code");
  await digits.fill(`${code.slice(0, 3)} ${code.slice(3)}`);
  await typed.page.getByRole("button", { name: "Ask to join" }).click();
  await typed.page.getByText("Ada has been asked whether it is you").waitFor();
  await picture(typed.page, "invitation-waiting");

  const mail = await waitForMail(typed.origin, ada.email, "confirm_partner");
  const asked = await visitAs(ada, pathOf(mail.links[0] ?? ""));
  await asked.page.locator("[data-waiting=Grace]").getByText("Is this the person you meant?").waitFor();
  await picture(asked.page, "invitation-confirm");
  await asked.page.getByRole("button", { name: "Yes, connect us" }).click();
  await title(asked.page, "You and Grace are connected");
  // Grace's page has not been touched since.
  await title(typed.page, "You are with Ada already");
  expect([...unexpected(typed.errors), ...unexpected(asked.errors)]).toEqual([]);
});

it("shows whoever typed the code as soon as they do, and keeps the wrong person out", async () => {
  const [ada, eve] = [await openAccount("Ada"), await openAccount("Eve")];
  const { code } = await ada.client.invite();
  const { page } = await visitAs(ada, "/invitation");
  await title(page, "Find each other");
  expect(await page.locator("[data-waiting]").count()).toBe(0);
  await eve.client.acceptInvitation({ code });
  await page.locator("[data-waiting=Eve]").waitFor();
  await page.getByRole("button", { name: "No, somebody else" }).click();
  await page.locator("[data-waiting]").waitFor({ state: "detached" });
  expect((await eve.client.pairing()).relationship).toBeNull();
});

it("can be answered with the keyboard alone, also on another link in the same tab", async () => {
  const [ada, grace] = [await openAccount("Ada"), await openAccount("Grace")];
  const { page, origin } = await visitAs(grace, "/invitation#token=short");
  await title(page, "This link is not valid");
  await page.goto(`${origin}${pathOf((await ada.client.invite()).link)}`);
  await title(page, "Ada invites you");
  const accept = page.getByRole("button", { name: "Accept" });
  for (let steps = 0; steps < 12 && !(await accept.evaluate((button) => button.matches(":focus"))); steps++) {
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Enter");
  await title(page, "You and Ada are connected");
  expect(await page.locator("h1:focus").count()).toBe(1);
});

it("fits a phone, in the dark too", async () => {
  const phone = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, colorScheme: "dark" } as const;
  const [ada, grace] = [await openAccount("Ada"), await openAccount("Grace")];
  const { link, code } = await ada.client.invite();
  const stranger = await visit(pathOf(link), phone);
  await title(stranger.page, "Ada invites you");
  await picture(stranger.page, "invitation-phone-dark");
  expect(await stranger.page.evaluate(OVERFLOW)).toBeLessThanOrEqual(0);
  await grace.client.acceptInvitation({ code });
  const asked = await visitAs(ada, "/invitation", phone);
  await asked.page.locator("[data-waiting=Grace]").waitFor();
  await picture(asked.page, "invitation-phone-dark-confirm");
  expect(await asked.page.evaluate(OVERFLOW)).toBeLessThanOrEqual(0);
});
