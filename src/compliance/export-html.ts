import { CONTENT } from "../domain/content.ts";
import type { ExportedNotification } from "../domain/export/services.ts";
import type { ContentRow, ExportedFeed, ExportedImport } from "../domain/export/store.ts";
import { namesOf } from "../domain/export/store.ts";
import { FORMER_MEMBER } from "../domain/parting/rules.ts";
import { escapeHtml } from "../mail/layout.ts";
import { charts } from "./export-charts.ts";
import { dayOf, linesOf, nameOf, SECTIONS, sentence, timeText, type Names, type Section } from "./export-labels.ts";
import { readInbox, readTables, type Exporter, type Overview } from "./export-source.ts";
import { EXPORT_STYLE } from "./export-style.ts";

/** Also inside the file: wherever it is opened, it runs nothing and asks nobody for anything. */
export const EXPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'";

const authors = new Map(CONTENT.map((table) => [table.table, namesOf(table).author]));

/** Names as the reader of this export knows them. */
class Cast {
  readonly userId: string;
  readonly #members: Overview["profile"]["members"];

  constructor(exporter: Exporter, overview: Overview) {
    this.userId = exporter.userId;
    this.#members = overview.profile.members;
  }

  /** Everybody but the reader. */
  get others(): string[] {
    return this.#members.filter(({ userId }) => userId !== this.userId).map(({ displayName }) => displayName);
  }

  /** By slot. */
  get raters(): string[] {
    return [1, 2].map((slot) => {
      const member = this.#members.find((each) => each.slot === slot);
      return member === undefined ? "the other" : this.nameOf(member.userId);
    });
  }

  nameOf(userId: string): string {
    if (userId === this.userId) return "me";
    if (userId === FORMER_MEMBER) return "former member";
    return this.#members.find((member) => member.userId === userId)?.displayName ?? "former member";
  }
}

/** The export as one page to read: no script, nothing from elsewhere, every word of a person escaped. */
export async function* exportHtml(exporter: Exporter, overview: Overview): AsyncGenerator<string> {
  const cast = new Cast(exporter, overview);
  yield top(exporter, overview, cast);
  const names: Names = new Map();
  for await (const { table, rows } of readTables(exporter)) {
    const section = SECTIONS[table];
    if (section === undefined) throw new Error(`No section is written for ${table}`);
    yield `<section id="${table}"><h2>${section.title}</h2>\n`;
    let any = false;
    for await (const page of rows) {
      any ||= page.length > 0;
      yield page.map((row) => card(section, row, String(row[authors.get(table) ?? ""]), cast, names)).join("");
    }
    yield any ? "</section>\n" : `<p class="soft">Nothing yet.</p></section>\n`;
  }
  yield badges(overview);
  yield `<section id="inbox"><h2>My notifications</h2><ul class="plain">\n`;
  for await (const items of readInbox(exporter)) yield items.map(notification).join("");
  yield `</ul></section>\n${choices(overview)}</main>
<footer class="soft"><p>This file holds everything of yours that Better Together keeps in this relationship, what belongs to both of you, and what was shared with you. The photos themselves are fetched one by one in the app.</p></footer>
</body></html>\n`;
}

function top(exporter: Exporter, { account, months, points, kept }: Overview, cast: Cast): string {
  const title = cast.others.length === 0 ? "My time here" : `My time with ${cast.others.join(" and ")}`;
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
  const facts: [string, number][] = [
    ["check-ins of mine", sum(months.months.map(({ checkins }) => checkins))],
    ["things done", sum(months.activityTypes.map(({ count }) => count))],
    ["points", points.balance],
  ];
  const { hidden, mine } = kept.streaks;
  // Whoever does not want to see streaks finds them in the JSON only.
  if (!hidden && mine?.longest !== undefined) facts.push(["days, my longest streak", mine.longest]);
  const links = [...Object.entries(SECTIONS).map(([id, { title: text }]) => [id, text]), ["inbox", "Notifications"]];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">
<meta http-equiv="Content-Security-Policy" content="${EXPORT_POLICY}">
<title>${escapeHtml(title)} · Better Together</title><style>${EXPORT_STYLE}</style></head>
<body><header><h1 dir="auto">${escapeHtml(title)}</h1>
<p class="soft">What Better Together keeps of ${escapeHtml(account?.name ?? "me")}, as of ${timeText(exporter.now)}.</p>
<nav aria-label="Sections"><ul>${links.map(([id, text]) => `<li><a href="#${id}">${text}</a></li>`).join("")}</ul></nav>
<ul class="facts">${facts.map(([text, count]) => `<li><b>${count}</b>${text}</li>`).join("")}</ul></header>
<main>${charts(months)}
`;
}

function card(section: Section, row: ContentRow, authorId: string, cast: Cast, names: Names): string {
  const name = nameOf(section, row, names);
  if (name !== null && row["id"]) names.set(String(row["id"]), name);
  const heading = [dayOf(section, row), name].filter((part) => part !== null).join(" · ");
  const lines = linesOf(section, row, names, cast.raters).map(
    ({ label, value }) => `<dt>${escapeHtml(label)}</dt><dd dir="auto">${escapeHtml(value)}</dd>`,
  );
  const hidden = privacyOf(row);
  return `<article><div class="head"><h3 dir="auto">${escapeHtml(heading || "Untitled")}</h3><span class="who">by ${escapeHtml(cast.nameOf(authorId))}${hidden}</span></div>${lines.length === 0 ? "" : `<dl>${lines.join("")}</dl>`}</article>\n`;
}

function privacyOf(row: ContentRow): string {
  const isPrivate = row["visibility"] === "private";
  if (!isPrivate && row["notes_visibility"] !== "private") return "";
  return `<span class="private">${isPrivate ? "private" : "notes private"}</span>`;
}

function badges({ achievements }: Overview): string {
  const earned = achievements.filter(({ isEarned }) => isEarned);
  if (earned.length === 0) return "";
  const items = earned.map(
    ({ name, description, earnedDate }) =>
      `<li><b>${escapeHtml(name)}</b> <span class="soft">${earnedDate ?? ""}</span><br>${escapeHtml(description)}</li>`,
  );
  return `<section id="achievements"><h2>Achievements</h2><ul class="plain">${items.join("\n")}</ul></section>\n`;
}

function notification({ title, message, createdAt, archivedAt }: ExportedNotification): string {
  const when = `${timeText(createdAt)}${archivedAt === null ? "" : ", put away"}`;
  return `<li><b>${escapeHtml(title)}</b> <span class="soft">${when}</span><br>${escapeHtml(message)}</li>\n`;
}

/** The account and what its owner chose. */
function choices({ account, preferences, profile, kept }: Overview): string {
  const lines: [string, unknown][] = [
    ...Object.entries(account ?? {}).map(([field, value]): [string, unknown] => [sentence(field), value]),
    ["Kind of relationship", profile.relationship.type],
    ["Together since", profile.relationship.startDate],
    ["Days with the app", kept.appDays.join(", ")],
    ["Imports", kept.imports.map(importText).join("; ")],
    ["Calendar addresses", kept.calendarFeeds.map(feedText).join("; ")],
    ["Quiet hours", preferences.quietHours && `${preferences.quietHours.from} to ${preferences.quietHours.to}`],
    ...Object.entries(preferences.channels).map(([kind, { inbox, email }]): [string, unknown] => [
      `Notices of ${kind.replaceAll("_", " ")}`,
      [inbox ? "inbox" : "", email ? "e-mail" : ""].filter(Boolean).join(" and ") || "none",
    ]),
  ];
  const shown = lines.filter(([, value]) => value !== null && value !== "");
  const list = shown.map(([label, value]) => `<dt>${escapeHtml(label)}</dt><dd>${escapeHtml(String(value))}</dd>`);
  return `<section id="account"><h2>My account and choices</h2><article><dl>${list.join("")}</dl></article></section>\n`;
}

function importText({ kind, rowsAdded, createdAt, undoneAt }: ExportedImport): string {
  return `${rowsAdded} ${kind} on ${timeText(createdAt)}${undoneAt === null ? "" : ", taken back"}`;
}

function feedText({ createdAt, revokedAt }: ExportedFeed): string {
  return `made ${timeText(createdAt)}${revokedAt === null ? "" : `, revoked ${timeText(revokedAt)}`}`;
}
