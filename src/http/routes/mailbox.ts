import { Hono } from "hono";
import { mailboxQuerySchema } from "../../auth/input.ts";
import { findMail, listMails, listMailsTo } from "../../db/mail-outbox.ts";
import { config } from "../../lib/config.ts";
import { mailboxJson, mailboxListPage, mailboxMailPage } from "../../mail/mailbox-page.ts";
import { AppError } from "../../protocol/errors.ts";
import { idSchema } from "../../protocol/ids.ts";
import type { AppEnv } from "../app-env.ts";
import { parse } from "../middleware/validate.ts";

const PAGE_MAILS = 100;
// Inline styles are the mails' own; the sandboxed frame inherits this policy, so no mail runs or fetches anything.
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** /dev: what development would have mailed. In staging and production these pages do not exist. */
export const mailbox = new Hono<AppEnv>();

mailbox.use(async (c, next) => {
  if (config(c.env).ENVIRONMENT !== "development") throw new AppError("not_found", "No such page");
  c.header("content-security-policy", POLICY);
  c.header("cache-control", "no-store");
  await next();
});

mailbox.get("/mailbox", async (c) => c.html(mailboxListPage(await listMails(c.env.DB, PAGE_MAILS))));

mailbox.get("/mailbox.json", async (c) => {
  const { to } = parse(mailboxQuerySchema, c.req.query(), "query");
  const mails = to === undefined ? await listMails(c.env.DB, PAGE_MAILS) : await listMailsTo(c.env.DB, to, PAGE_MAILS);
  return c.json({ mails: mails.map(mailboxJson) });
});

mailbox.get("/mailbox/:id", async (c) => {
  const id = idSchema("mail").safeParse(c.req.param("id"));
  const mail = id.success ? await findMail(c.env.DB, id.data) : null;
  if (mail === null) throw new AppError("not_found", "No such mail");
  return c.html(mailboxMailPage(mail));
});
