import type { MailRow } from "../db/mail-outbox.ts";
import { escapeHtml } from "./layout.ts";
import { MAILBOX_STYLE } from "./mailbox-style.ts";

/** As on top of every other page (src/web/header.tsx). */
const HEADER = `<header>
<a class="brand" href="/"><svg viewBox="0 0 40 24" width="34" height="20" aria-hidden="true"><circle cx="13" cy="12" r="10" fill="var(--coral)" opacity=".9"/><circle cx="27" cy="12" r="10" fill="var(--teal)" opacity=".75"/></svg>Better Together</a>
<nav aria-label="Pages"><a href="/">Live</a><a href="/reference/">API reference</a><a href="/dev/mailbox" aria-current="page">Mailbox</a></nav>
</header>`;

/** The pages of the local mailbox. HTML without a script; a mail's own HTML is shut into a sandboxed frame. */

/** @param to the address whose mails these are; null for everybody's */
export function mailboxListPage(mails: readonly MailRow[], to: string | null): string {
  const known = [...new Set(mails.map((mail) => mail.recipient_email))];
  const options = known.map((address) => `<option value="${escapeHtml(address)}"></option>`);
  const filter = `<form action="/dev/mailbox" method="get">
<label for="to">Mails to</label>
<input id="to" name="to" type="email" required list="known" placeholder="anybody" value="${escapeHtml(to ?? "")}">
<datalist id="known">${options.join("")}</datalist>
<button>Show</button>${to === null ? "" : ` <a href="/dev/mailbox">Show all</a>`}
</form>`;
  const nobody = to === null ? "No mail yet." : `No mail to ${escapeHtml(to)} yet.`;
  const list =
    mails.length === 0
      ? `<p>${nobody} Load this page again in a moment.</p>`
      : `<ol class="card">${mails.map(listItem).join("\n")}</ol>`;
  const about = `<p class="soft">What this server would have mailed, the newest first. It is kept here and goes nowhere else.</p>`;
  return page("Local mailbox", `<h1>Local mailbox</h1>${about}${filter}${list}`);
}

function listItem(mail: MailRow): string {
  const address = escapeHtml(mail.recipient_email);
  return `<li class="mail">
<a class="subject" href="/dev/mailbox/${encodeURIComponent(mail.id)}">${escapeHtml(mail.subject)}</a>
<span>${escapeHtml(time(mail.created_at))}</span>
<a href="/dev/mailbox?to=${encodeURIComponent(mail.recipient_email)}">${address}</a>
<span>${badge(mail)}</span>
</li>`;
}

export function mailboxMailPage(mail: MailRow): string {
  const address = encodeURIComponent(mail.recipient_email);
  const links = mailLinks(mail).map((link) => {
    const href = escapeHtml(link);
    return `<a class="button" href="${href}">Open the link</a> <span class="soft">${href}</span>`;
  });
  return page(
    mail.subject,
    `<p><a href="/dev/mailbox">All mails</a> · <a href="/dev/mailbox?to=${address}">Mails to this address</a></p>
<h1>${escapeHtml(mail.subject)}</h1>
<dl class="card">
<dt>To</dt><dd>${escapeHtml(mail.recipient_email)}</dd>
<dt>When</dt><dd>${escapeHtml(time(mail.created_at))}</dd>
<dt>Kind</dt><dd>${badge(mail)}</dd>
<dt>Id</dt><dd>${escapeHtml(mail.id)}</dd>
</dl>
${links.length === 0 ? "" : `<h2>Links</h2><div class="links">${links.join("\n")}</div>`}
<h2>As a mail program shows it</h2>
<div class="card"><iframe sandbox="" title="HTML form" srcdoc="${escapeHtml(mail.html ?? "")}"></iframe></div>
<h2>As text</h2><pre class="card">${escapeHtml(mail.text ?? "")}</pre>`,
  );
}

function badge(mail: MailRow): string {
  // Caught is what every mail is here; anything else is worth a word.
  const status = mail.status === "caught" ? "" : `, ${mail.status}`;
  return `<span class="kind">${escapeHtml(mail.kind.replaceAll("_", " "))}${escapeHtml(status)}</span>`;
}

/** What scripts need of a mail. */
export function mailboxJson(mail: MailRow): Record<string, unknown> {
  return {
    id: mail.id,
    kind: mail.kind,
    to: mail.recipient_email,
    subject: mail.subject,
    text: mail.text,
    links: mailLinks(mail),
    status: mail.status,
    createdAt: mail.created_at,
  };
}

/** Addresses in the text form, in their order. */
export function mailLinks(mail: Pick<MailRow, "text">): string[] {
  return [...(mail.text ?? "").matchAll(/^https?:\/\/\S+$/gm)].map(([link]) => link);
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><link rel="icon" href="/favicon.svg" type="image/svg+xml">
<title>${escapeHtml(title)} · Better Together</title><style>${MAILBOX_STYLE}</style></head>
<body>${HEADER}
<main>${body}</main>
</body></html>
`;
}

function time(epochMs: number): string {
  return `${new Date(epochMs).toISOString().replace("T", " ").slice(0, 19)} UTC`;
}
