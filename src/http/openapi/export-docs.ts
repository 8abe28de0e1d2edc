import { exportSchema } from "../../compliance/export-schema.ts";
import { exportQuery } from "../routes/export.ts";
import { ok, type RouteDoc } from "./route-doc.ts";

export const personalExport: readonly RouteDoc[] = [
  {
    method: "get",
    path: "/api/relationships/{id}/export",
    operationId: "exportMyData",
    tag: "me",
    summary:
      "My data of this relationship as a file, as JSON or as a page to read: mine in full, what is ours, and of the " +
      "other's what was shared with me. Needs a recent sign-in; works in every state that can be read; nobody is told. " +
      "The bytes of photos are fetched one by one, by the addresses of photos.address",
    session: true,
    query: exportQuery,
    answers: [ok(exportSchema, "The file; with format=html a page instead")],
    errors: [400, 401, 403, 404, 409, 429],
  },
];
