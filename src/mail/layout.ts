/** What a template yields; `kind` is its name in the outbox. */
export interface MailContent {
  kind: string;
  subject: string;
  html: string;
  text: string;
}

/** One mail as parts, from which the HTML and the text form are both made, so that they cannot drift apart. */
export interface MailParts {
  kind: string;
  subject: string;
  /** First lines, each a paragraph. */
  paragraphs: readonly string[];
  button?: { label: string; link: string };
  /** A code to type, shown large. */
  code?: string;
  /** Small print below. */
  notes?: readonly string[];
}

const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const NAME_MAX_CHARACTERS = 60;

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? "");
}

/**
 * A person's name as mail may show it to somebody else. Mail programs turn what looks like an address into a link, so a
 * name must not be able to look like one: anybody could otherwise have us mail their advertisement.
 */
export function displayName(name: string): string {
  const shown = name
    .normalize("NFC")
    .replace(/[^\p{L}\p{M}\p{N} .'’-]/gu, " ")
    .replace(/\.(?=\S)/gu, ". ")
    .replace(/\s+/gu, " ")
    .trim();
  return Array.from(shown).slice(0, NAME_MAX_CHARACTERS).join("") || "Someone";
}

const DARK = `@media (prefers-color-scheme: dark) {
  .page { background: #17151a !important; } .card { background: #221f27 !important; color: #f1edf5 !important; }
  .note { color: #b3abbd !important; } .button { background: #e58fb1 !important; color: #221f27 !important; }
}`;

/** Renders both forms. Every value is escaped here, once, and nowhere else. */
export function renderMail(parts: MailParts): MailContent {
  return { kind: parts.kind, subject: parts.subject, html: html(parts), text: text(parts) };
}

function html(parts: MailParts): string {
  const blocks = parts.paragraphs.map((line) => `<p style="margin:0 0 16px">${escapeHtml(line)}</p>`);
  if (parts.code !== undefined) {
    blocks.push(
      `<p style="margin:0 0 16px;font-size:28px;letter-spacing:6px;font-family:monospace">${escapeHtml(parts.code)}</p>`,
    );
  }
  if (parts.button !== undefined) {
    const { label, link } = parts.button;
    blocks.push(
      `<p style="margin:0 0 24px"><a class="button" href="${escapeHtml(link)}" style="display:inline-block;padding:12px 20px;border-radius:8px;background:#a8325f;color:#ffffff;text-decoration:none">${escapeHtml(label)}</a></p>`,
      `<p class="note" style="margin:0 0 16px;font-size:13px;color:#6b6472">If the button does not work, open this address: <span style="word-break:break-all">${escapeHtml(link)}</span></p>`,
    );
  }
  for (const note of parts.notes ?? []) {
    blocks.push(`<p class="note" style="margin:0 0 8px;font-size:13px;color:#6b6472">${escapeHtml(note)}</p>`);
  }
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escapeHtml(parts.subject)}</title>
<style>${DARK}</style>
</head>
<body class="page" style="margin:0;padding:24px;background:#f6f3f7;font-family:system-ui,-apple-system,'Segoe UI',sans-serif;font-size:16px;line-height:1.5">
<div class="card" style="max-width:520px;margin:0 auto;padding:24px;border-radius:12px;background:#ffffff;color:#2b2630">
${blocks.join("\n")}
</div>
</body>
</html>
`;
}

function text(parts: MailParts): string {
  const lines = [...parts.paragraphs];
  if (parts.code !== undefined) lines.push(parts.code);
  if (parts.button !== undefined) lines.push(`${parts.button.label}:\n${parts.button.link}`);
  lines.push(...(parts.notes ?? []));
  return `${lines.join("\n\n")}\n\nBetter Together\n`;
}
