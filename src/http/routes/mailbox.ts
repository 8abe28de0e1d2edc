import type { Context } from "hono";
import { Hono } from "hono";
import { mailboxQuerySchema } from "../../auth/input.ts";
import type { MailRow } from "../../db/mail-outbox.ts";
import { findMail, listMails, listMailsTo } from "../../db/mail-outbox.ts";
import { config } from "../../lib/config.ts";
import { mailboxJson, mailboxListPage, mailboxMailPage } from "../../mail/mailbox-page.ts";
import { AppError } from "../../protocol/errors.ts";
import { idSchema } from "../../protocol/ids.ts";
import type { AppEnv } from "../app-env.ts";
import { parse } from "../middleware/validate.ts";

const PAGE_MAILS = 100;
// Inline styles are the mails' own; the sandboxed frame inherits this policy, so no mail runs or fetches anything.
// The one form is the list's own, and a frame's sandbox submits none. The icon is the site's.
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** /dev: what development would have mailed. In staging and production these pages do not exist. */
export const mailbox = new Hono<AppEnv>();

mailbox.use(async (c, next) => {
  if (config(c.env).ENVIRONMENT !== "development") throw new AppError("not_found", "No such page");
  c.header("content-security-policy", POLICY);
  c.header("cache-control", "no-store");
  await next();
});

mailbox.get("/mailbox", async (c) => {
  const { mails, to } = await listWanted(c);
  return c.html(mailboxListPage(mails, to));
});

mailbox.get("/mailbox.json", async (c) => {
  const { mails } = await listWanted(c);
  return c.json({ mails: mails.map(mailboxJson) });
});

mailbox.get("/mailbox/:id", async (c) => {
  const id = idSchema("mail").safeParse(c.req.param("id"));
  const mail = id.success ? await findMail(c.env.DB, id.data) : null;
  if (mail === null) throw new AppError("not_found", "No such mail");
  return c.html(mailboxMailPage(mail));
});

/** The newest mails, or the newest to the address that the query names. */
async function listWanted(c: Context<AppEnv>): Promise<{ mails: MailRow[]; to: string | null }> {
  const { to = null } = parse(mailboxQuerySchema, c.req.query(), "query");
  const mails = to === null ? await listMails(c.env.DB, PAGE_MAILS) : await listMailsTo(c.env.DB, to, PAGE_MAILS);
  return { mails, to };
}
