import type { ResetPage } from "./reset-page.ts";

/**
 * The two pages that the links of recovery mails open. Opening one changes nothing, since mail programs open links by
 * themselves; a tap does.
 */

const STYLE = `:root { color-scheme: light dark; } body { font: 16px/1.5 system-ui, sans-serif; max-width: 24rem;
margin: 10vh auto; padding: 0 1rem; } label, input, button { display: block; width: 100%; box-sizing: border-box; }
input, button { font: inherit; padding: .6rem; margin: .3rem 0 1rem; } [role=status] { min-height: 3rem; }`;

// The token stays in the address and is read by the script, so it is never written into HTML.
const SCRIPT = `const form = document.querySelector("form"), status = document.querySelector("[role=status]");
const token = new URLSearchParams(location.search).get("token");
history.replaceState(null, "", location.pathname);
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const value = form.elements.namedItem("value")?.value;
  const answer = await fetch(form.dataset.to, {
    method: "POST", headers: { "content-type": "application/json" },
    body: JSON.stringify(value === undefined ? { token } : { token, newPassword: value }),
  });
  const body = await answer.json().catch(() => ({}));
  status.textContent = answer.ok ? form.dataset.done
    : (body.error?.details?.issues?.[0]?.message ?? body.error?.message ?? "Please try again.");
  if (answer.ok) form.remove();
});`;

const PAGES = {
  stop: {
    title: "Stop the recovery of your account",
    to: "/api/recovery/stop",
    done: "It is stopped. Nothing about your account has changed.",
    field: "",
    button: "Stop it",
  },
  finish: {
    title: "Choose a new password",
    to: "/api/recovery/finish",
    done: "Your password is changed. Please sign in with this address.",
    field: `<label>New password, 8 to 128 characters <input name="value" type="password" autocomplete="new-password" minlength="8" maxlength="128" required></label>`,
    button: "Send",
  },
} as const;

export function recoveryPage(kind: keyof typeof PAGES, nonce: string): ResetPage {
  const { title, to, done, field, button } = PAGES[kind];
  return {
    html: `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<style nonce="${nonce}">${STYLE}</style></head>
<body><h1>${title}</h1><form data-to="${to}" data-done="${done}">${field}<button>${button}</button></form><p role="status"></p>
<script nonce="${nonce}">${SCRIPT}</script></body>
</html>
`,
    contentSecurityPolicy: `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  };
}
