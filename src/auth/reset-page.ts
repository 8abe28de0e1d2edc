/** A page without a framework, so that the link of a mail works on its own. */
export interface ResetPage {
  html: string;
  /** Allows this page's own style and script, and nothing else. */
  contentSecurityPolicy: string;
}

const STYLE = `:root { color-scheme: light dark; } body { font: 16px/1.5 system-ui, sans-serif; max-width: 24rem;
margin: 10vh auto; padding: 0 1rem; } label, input, button { display: block; width: 100%; box-sizing: border-box; }
input, button { font: inherit; padding: .6rem; margin: .3rem 0 1rem; } [role=status] { min-height: 3rem; }`;

// The token stays in the address and is read by the script, so it is never written into HTML.
const SCRIPT = `const form = document.querySelector("form"), status = document.querySelector("[role=status]");
const token = new URLSearchParams(location.search).get("token");
history.replaceState(null, "", location.pathname);
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const value = form.elements.namedItem("value").value;
  const answer = await fetch(token ? "/api/auth/reset-password" : "/api/auth/request-password-reset", {
    method: "POST", headers: { "content-type": "application/json" },
    body: JSON.stringify(token ? { token, newPassword: value } : { email: value }),
  });
  const body = await answer.json().catch(() => ({}));
  status.textContent = answer.ok
    ? (token ? "Your password is changed. Please sign in." : "If an account has this address, a link is on its way.")
    : (body.error?.details?.issues?.[0]?.message ?? body.error?.message ?? "Please try again.");
  if (answer.ok) form.remove();
});`;

/** With a token: choose a password. Without: ask for a link. */
export function resetPage(hasToken: boolean, nonce: string): ResetPage {
  const title = hasToken ? "Choose a new password" : "Ask for a new password";
  const field = hasToken
    ? `<label>New password, 8 to 128 characters <input name="value" type="password" autocomplete="new-password" minlength="8" maxlength="128" required></label>`
    : `<label>Your e-mail address <input name="value" type="email" autocomplete="email" required></label>`;
  return {
    html: `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<style nonce="${nonce}">${STYLE}</style></head>
<body><h1>${title}</h1><form>${field}<button>Send</button></form><p role="status"></p>
<script nonce="${nonce}">${SCRIPT}</script></body>
</html>
`,
    contentSecurityPolicy: `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  };
}
