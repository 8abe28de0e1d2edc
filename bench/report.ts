/** An aim of the project beside what was measured. `met` is null when this run could not tell. */
export interface Aim {
  aim: string;
  measured: string;
  met: boolean | null;
}

export interface Table {
  title: string;
  columns: string[];
  rows: (string | number)[][];
}

export interface ScenarioReport {
  name: string;
  tables: Table[];
  aims: Aim[];
  notes: string[];
}

/** A number with about three significant digits, as a person wants to read it. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return "-";
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

export function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(0)} %`;
}

export function times(ratio: number): string {
  return `${ratio.toFixed(2)}x`;
}

/** An aim of at least (`>=`) or at most (`<=`) `limit`. */
export function judge(aim: string, value: number, relation: ">=" | "<=", limit: number, unit = times): Aim {
  const met = Number.isNaN(value) ? null : relation === ">=" ? value >= limit : value <= limit;
  return { aim: `${aim} ${relation} ${unit(limit)}`, measured: Number.isNaN(value) ? "-" : unit(value), met };
}

export function renderTable({ title, columns, rows }: Table): string {
  const cells = [columns, ...rows.map((row) => row.map((cell) => (typeof cell === "number" ? figure(cell) : cell)))];
  const widths = columns.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  // Names to the left, numbers to the right.
  const isText = columns.map((_, column) => typeof rows[0]?.[column] === "string");
  const line = (row: string[]): string =>
    row
      .map((cell, column) => (isText[column] ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ")
      .trimEnd();
  const [head = [], ...body] = cells;
  const rule = widths.map((width) => "-".repeat(width)).join("  ");
  return [title, line(head), rule, ...body.map(line)].join("\n");
}

export function renderAims(aims: readonly Aim[]): string {
  return renderTable({
    title: "Aims",
    columns: ["aim", "measured", "result"],
    rows: aims.map(({ aim, measured, met }) => [aim, measured, met === null ? "unknown" : met ? "met" : "NOT met"]),
  });
}

export function renderReport(report: ScenarioReport): string {
  const parts = report.tables.map(renderTable);
  if (report.aims.length > 0) parts.push(renderAims(report.aims));
  if (report.notes.length > 0) parts.push(report.notes.map((note) => `- ${note}`).join("\n"));
  return `== ${report.name} ==\n\n${parts.join("\n\n")}\n`;
}
