import { expect, it } from "vitest";
import { displayName, escapeHtml } from "../../src/mail/layout.ts";
import * as templates from "../../src/mail/templates.ts";

const LINK = "https://app.together.test/go?token=abc&next=%2F";

function all(name: string) {
  return [
    templates.verificationMail({ name, link: LINK }),
    templates.alreadyRegisteredMail({ name, resetLink: LINK }),
    templates.passwordResetMail({ name, link: LINK }),
    templates.passwordChangedMail({ name, resetLink: LINK }),
    templates.partnerInvitationMail({ inviterName: name, link: LINK, code: "123456", expiresInDays: 7 }),
    templates.confirmPartnerMail({ inviterName: name, accepterName: name, link: LINK, by: "code" }),
    templates.pairingDoneMail({ name, partnerName: name, link: LINK }),
    templates.notificationMail({ name, link: LINK }),
    templates.partedMail({ link: LINK, endsAt: Date.UTC(2026, 6, 15, 12) }),
  ];
}

it("renders every template as it was agreed", () => {
  for (const mail of all("Ada")) expect(mail).toMatchSnapshot(mail.kind);
});

it.each([
  `<script>alert(1)</script>`,
  `"><img src=x onerror=alert(1)>`,
  `' onmouseover='x`,
  `</title></head><body>`,
  `Ada\r\nBcc: everybody@people.test`,
  `visit https://evil.test/login now`,
  `www.evil.test`,
  `{{constructor}}`,
])("lets no name become markup, header or link: %s", (name) => {
  for (const mail of all(name)) {
    expect(mail.html).not.toContain(name);
    expect(mail.html).not.toMatch(/<(script|img|body>)/i);
    expect(mail.html).not.toMatch(/onerror=|onmouseover='/);
    expect(mail.html + mail.text).not.toMatch(/evil\.test|https:\/\/evil/);
    expect(mail.subject).not.toMatch(/[\r\n]/);
    expect(mail.html.match(/<a /g)).toHaveLength(1);
    expect(mail.text.match(/^https?:\/\/.*$/gm)).toEqual([LINK]);
  }
});

it("escapes what it puts into HTML", () => {
  expect(escapeHtml(`<a href="x">'&'</a>`)).toBe("&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
  const link = `https://app.together.test/"><script>`;
  const mail = templates.passwordResetMail({ name: "Ada", link });
  expect(mail.html).not.toContain("<script>");
  expect(mail.html).toContain("&quot;&gt;&lt;script&gt;");
});

it("names nobody and nothing intimate in a subject", () => {
  const subjects = all("Wolfgang").map((mail) => mail.subject);
  for (const subject of subjects) {
    expect(subject).not.toContain("Wolfgang");
    expect(subject).not.toMatch(/love|partner|couple|relationship|together|intima|date/i);
    expect(subject.length).toBeLessThan(60);
  }
});

it("shows names of all scripts and shortens endless ones", () => {
  expect(displayName("Zoë O’Connor-Smith")).toBe("Zoë O’Connor-Smith");
  expect(displayName("明日香")).toBe("明日香");
  expect(displayName("عائشة")).toBe("عائشة");
  expect(displayName("J.R.")).toBe("J. R.");
  expect(Array.from(displayName("a".repeat(500)))).toHaveLength(60);
  expect(displayName("🙂")).toBe("Someone");
});

it("carries a dark form and a text form in every mail", () => {
  for (const mail of all("Ada")) {
    expect(mail.html).toContain("prefers-color-scheme: dark");
    expect(mail.html).toContain('content="light dark"');
    expect(mail.text).toContain(LINK);
    expect(mail.text).not.toMatch(/<[a-z]/);
  }
});
