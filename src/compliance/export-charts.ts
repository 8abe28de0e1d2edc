import { dateOfDay, dayNumber } from "../domain/calendar.ts";
import type { ExportMonths } from "../domain/export/services.ts";
import type { MonthRow } from "../domain/export/store.ts";
import { escapeHtml } from "../mail/layout.ts";
import { sentence } from "./export-labels.ts";

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** The charts of one person's own months, as HTML with inline drawings. Empty where there is nothing to draw. */
export function charts({ months, days, activityTypes }: ExportMonths): string {
  const parts: string[] = [];
  if (days.length > 0) parts.push(calendars(days));
  if (months.length > 0) parts.push(scores(months));
  if (activityTypes.length > 0) parts.push(types(activityTypes));
  return parts.join("\n");
}

const CELL = 12;
const SIZE = 10;
const TOP = 16;
const LEVELS = ["no mood given", "mood 1 or 2", "mood 3 or 4", "mood 5 or 6", "mood 7 or 8", "mood 9 or 10"];

function calendars(days: ExportMonths["days"]): string {
  const years = Map.groupBy(days, ({ date }) => date.slice(0, 4));
  const drawn = [...years].toReversed().map(([year, inYear]) => calendarYear(year, inYear));
  const legend = LEVELS.map((level, index) => `<span><i class="day l${index}"></i>${level}</span>`).join("");
  return `<section id="days"><h2>My check-ins, day by day</h2>
<p class="legend" aria-hidden="true"><span><i class="day none"></i>no check-in</span>${legend}</p>
${drawn.join("\n")}</section>`;
}

/** Two halves, so that a year fits a phone without shrinking. */
function calendarYear(year: string, days: ExportMonths["days"]): string {
  const moods = new Map(days.map(({ date, mood }) => [date, mood]));
  const halves = [0, 6].map((month) => {
    const from = dayNumber(`${year}-${month === 0 ? "01" : "07"}-01`);
    const to = month === 0 ? dayNumber(`${year}-07-01`) : dayNumber(`${Number(year) + 1}-01-01`);
    return calendarHalf(from, to, moods, month);
  });
  const label = `${year}: ${days.length} ${days.length === 1 ? "check-in" : "check-ins"}`;
  return `<figure class="year"><figcaption>${label}</figcaption><div role="img" aria-label="${label}">${halves.join("")}</div></figure>`;
}

function calendarHalf(from: number, to: number, moods: ReadonlyMap<string, number | null>, firstMonth: number): string {
  // 1970-01-01 was a Thursday; weeks begin on Monday.
  const weekday = (day: number): number => (day + 3) % 7;
  const start = from - weekday(from);
  const paths = new Map<string, string>();
  const labels: string[] = [];
  for (let day = from; day < to; day++) {
    const date = dateOfDay(day);
    const x = Math.floor((day - start) / 7) * CELL;
    const y = TOP + weekday(day) * CELL;
    const mood = moods.get(date);
    const name = mood === undefined ? "none" : `l${mood === null ? 0 : Math.ceil(mood / 2)}`;
    paths.set(name, `${paths.get(name) ?? ""}M${x} ${y}h${SIZE}v${SIZE}h-${SIZE}z`);
    if (date.endsWith("-01")) {
      labels.push(`<text x="${x}" y="11">${MONTHS[firstMonth + labels.length] ?? ""}</text>`);
    }
  }
  const drawn = [...paths].map(([name, path]) => `<path class="day ${name}" d="${path}"/>`).join("");
  return `<svg viewBox="0 0 ${27 * CELL} ${TOP + 7 * CELL}" aria-hidden="true">${labels.join("")}${drawn}</svg>`;
}

const SERIES = ["connection", "mood", "satisfaction"] as const;
const WIDTH = 480;
const HEIGHT = 210;
const PAD = { left: 28, right: 18, top: 8, bottom: 22 };
/** Up to here every month has a point and a name of its own. */
const FEW_MONTHS = 12;

function scores(months: readonly MonthRow[]): string {
  const first = monthNumber(months[0]?.month ?? "");
  const count = monthNumber(months.at(-1)?.month ?? "") - first + 1;
  const x = (index: number): number =>
    PAD.left + (count === 1 ? 0.5 : index / (count - 1)) * (WIDTH - PAD.left - PAD.right);
  const y = (score: number): number => PAD.top + ((10 - score) / 9) * (HEIGHT - PAD.top - PAD.bottom);
  const byNumber = new Map(months.map((row) => [monthNumber(row.month) - first, row]));
  const lines = SERIES.map((name) => {
    const points = Array.from({ length: count }, (_, index) => byNumber.get(index)?.[name] ?? null);
    return line(name, points, x, y);
  });
  const grid = [1, 4, 7, 10].map(
    (score) =>
      `<path class="grid" d="M${PAD.left} ${round(y(score))}H${WIDTH - PAD.right}"/><text x="${PAD.left - 8}" y="${round(y(score) + 4)}" text-anchor="end">${score}</text>`,
  );
  const legend = SERIES.map(
    (name) =>
      `<span><svg class="key" viewBox="0 0 28 8" aria-hidden="true"><path class="line ${name}" d="M1 4H27"/></svg>${sentence(name)}</span>`,
  );
  return `<section id="months"><h2>My scores, month by month</h2>
<p class="legend">${legend.join("")}</p>
<svg class="scores" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Means of my connection, mood and satisfaction by month; the table below has the numbers">${grid.join("")}${monthLabels(first, count, x)}${lines.join("")}</svg>
<details><summary>The numbers</summary>${monthTable(months)}</details></section>`;
}

/** A month without a score is a gap; one alone between gaps is a dot. */
function line(
  name: string,
  points: readonly (number | null)[],
  x: (index: number) => number,
  y: (score: number) => number,
): string {
  let path = "";
  let dots = "";
  for (const [index, score] of points.entries()) {
    if (score === null) continue;
    const at = `${round(x(index))} ${round(y(score))}`;
    const follows = index > 0 && points[index - 1] !== null;
    path += `${follows ? "L" : "M"}${at}`;
    const isAlone = !follows && (points[index + 1] ?? null) === null;
    if (isAlone || points.length <= FEW_MONTHS) dots += `M${at}h0`;
  }
  return `<path class="line ${name}" d="${path}"/><path class="dot ${name}" d="${dots}"/>`;
}

function monthLabels(first: number, count: number, x: (index: number) => number): string {
  const labels: string[] = [];
  const everyYears = Math.ceil(count / 12 / 8);
  for (let index = 0; index < count; index++) {
    const number = first + index;
    const [year, month] = [Math.floor(number / 12), number % 12];
    const few = count <= FEW_MONTHS;
    const text = few ? (MONTHS[month] ?? "") : month === 0 && year % everyYears === 0 ? String(year) : "";
    if (text !== "") labels.push(`<text x="${round(x(index))}" y="${HEIGHT - 5}" text-anchor="middle">${text}</text>`);
  }
  return labels.join("");
}

function monthTable(months: readonly MonthRow[]): string {
  const shown = (score: number | null): string => (score === null ? "–" : score.toFixed(1));
  const rows = months.map(
    (row) =>
      `<tr><th scope="row">${row.month}</th><td>${row.checkins}</td>${SERIES.map((name) => `<td>${shown(row[name])}</td>`).join("")}</tr>`,
  );
  const head = ["Month", "Check-ins", ...SERIES.map(sentence)].map((name) => `<th scope="col">${name}</th>`);
  return `<table><thead><tr>${head.join("")}</tr></thead><tbody>${rows.join("\n")}</tbody></table>`;
}

function types(activityTypes: ExportMonths["activityTypes"]): string {
  const most = Math.max(...activityTypes.map(({ count }) => count));
  const bars = activityTypes.map(
    ({ type, count }) =>
      `<li><span>${escapeHtml(sentence(type))}</span><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class="bar" width="${round((count / most) * 100)}" height="10"/></svg><b>${count}</b></li>`,
  );
  return `<section id="kinds"><h2>What we did, by kind</h2><ul class="bars">${bars.join("")}</ul></section>`;
}

function monthNumber(month: string): number {
  return Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
