import type { MailRow } from "../db/mail-outbox.ts";
import { escapeHtml } from "./layout.ts";

/** The pages of the local mailbox. Plain HTML without a script; a mail's own HTML is shut into a sandboxed frame. */

const STYLE = `body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid #ccc; }
iframe { width: 100%; height: 32rem; border: 1px solid #ccc; } pre { white-space: pre-wrap; overflow-wrap: anywhere; }
:root { color-scheme: light dark; }`;

export function mailboxListPage(mails: readonly MailRow[]): string {
  const rows = mails.map(
    (mail) => `<tr>
<td>${escapeHtml(time(mail.created_at))}</td>
<td>${escapeHtml(mail.recipient_email)}</td>
<td><a href="/dev/mailbox/${encodeURIComponent(mail.id)}">${escapeHtml(mail.subject)}</a></td>
<td>${escapeHtml(mail.kind)}</td>
<td>${escapeHtml(mail.status)}</td>
</tr>`,
  );
  const body =
    rows.length === 0
      ? "<p>No mail yet. Whatever this server sends is kept here and goes nowhere else.</p>"
      : `<table><thead><tr><th>When</th><th>To</th><th>Subject</th><th>Kind</th><th>State</th></tr></thead><tbody>${rows.join("\n")}</tbody></table>`;
  return page("Local mailbox", body);
}

export function mailboxMailPage(mail: MailRow): string {
  const links = mailLinks(mail).map((link) => `<li><a href="${escapeHtml(link)}">${escapeHtml(link)}</a></li>`);
  return page(
    mail.subject,
    `<p><a href="/dev/mailbox">All mails</a></p>
<table>
<tr><th>To</th><td>${escapeHtml(mail.recipient_email)}</td></tr>
<tr><th>Subject</th><td>${escapeHtml(mail.subject)}</td></tr>
<tr><th>Kind</th><td>${escapeHtml(mail.kind)}</td></tr>
<tr><th>When</th><td>${escapeHtml(time(mail.created_at))}</td></tr>
<tr><th>State</th><td>${escapeHtml(mail.status)}</td></tr>
<tr><th>Id</th><td>${escapeHtml(mail.id)}</td></tr>
</table>
<h2>Links</h2><ul>${links.join("\n")}</ul>
<h2>Text</h2><pre>${escapeHtml(mail.text ?? "")}</pre>
<h2>HTML</h2><iframe sandbox="" title="HTML form" srcdoc="${escapeHtml(mail.html ?? "")}"></iframe>`,
  );
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
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body><h1>${escapeHtml(title)}</h1>
${body}
</body></html>
`;
}

function time(epochMs: number): string {
  return new Date(epochMs).toISOString().replace("T", " ").slice(0, 19);
}
