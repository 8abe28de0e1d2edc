import { exportHtml } from "./export-html.ts";
import { exportJson } from "./export-json.ts";
import { readOverview, streamOf, type Exporter } from "./export-source.ts";

export const EXPORT_FORMATS = ["json", "html"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/**
 * One person's data of one relationship as a stream: their own in full, what belongs to both, and of the other's what was
 * shared with them. It is made while it is read, page by page, and nobody is told of it.
 * @throws AppError `not_found` for whoever is nobody there, `relationship_not_writable` where nothing can be taken
 */
export async function openExport(exporter: Exporter, format: ExportFormat): Promise<ReadableStream<Uint8Array>> {
  const overview = await readOverview(exporter);
  return streamOf(format === "html" ? exportHtml(exporter, overview) : exportJson(exporter, overview));
}
