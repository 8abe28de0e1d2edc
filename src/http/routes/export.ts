import { Hono } from "hono";
import * as z from "zod";
import { EXPORT_POLICY } from "../../compliance/export-html.ts";
import { EXPORT_FORMATS, openExport } from "../../compliance/export.ts";
import type { AppEnv } from "../app-env.ts";
import { requireFreshSignIn } from "../middleware/fresh-sign-in.ts";
import { rateLimit, sessionUserKey } from "../middleware/rate-limit.ts";
import { requireSession } from "../middleware/session.ts";
import { parse } from "../middleware/validate.ts";
import { requireRelationshipId } from "./operations.ts";

export const exportQuery = z.strictObject({ format: z.enum(EXPORT_FORMATS).default("json") });

const TYPES = { json: "application/json; charset=utf-8", html: "text/html; charset=utf-8" };

/** One person's data of a relationship, as a file. Whoever finds a phone unlocked cannot take it along. */
export const personalExport = new Hono<AppEnv>().get(
  "/:id/export",
  requireSession,
  requireFreshSignIn,
  rateLimit("RATE_INVITATIONS", sessionUserKey),
  async (c) => {
    const relationshipId = requireRelationshipId(c.req.param("id"));
    const { format } = parse(exportQuery, c.req.query(), "query");
    const { userId, signedInAt } = c.var.session;
    const exporter = { env: c.env, relationshipId, userId, signedInAt, now: c.var.now };
    const stream = await openExport(exporter, format);
    const day = new Date(c.var.now).toISOString().slice(0, 10);
    return c.body(stream, 200, {
      "content-type": TYPES[format],
      "content-disposition": `attachment; filename="better-together-${day}.${format}"`,
      "cache-control": "private, no-store",
      "content-security-policy": `${EXPORT_POLICY}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
    });
  },
);
