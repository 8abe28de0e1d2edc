import { Hono } from "hono";
import type { AppEnv } from "./http/app-env.ts";
import { crossOrigin, originCheck, safetyHeaders } from "./http/middleware/browser-safety.ts";
import { onError, onNotFound } from "./http/middleware/error-handler.ts";
import { requestContext } from "./http/middleware/request-context.ts";
import { auth } from "./http/routes/auth.ts";
import { calendar, calendarFeed } from "./http/routes/calendar.ts";
import { dev } from "./http/routes/dev.ts";
import { health } from "./http/routes/health.ts";
import { invitations } from "./http/routes/invitations.ts";
import { mailbox } from "./http/routes/mailbox.ts";
import { me } from "./http/routes/me.ts";
import { operations } from "./http/routes/operations.ts";
import { looks, operators } from "./http/routes/operators.ts";
import { myRecovery, recovery } from "./http/routes/recovery.ts";
import { personalExport } from "./http/routes/export.ts";
import { photoDownloads, photoUploads } from "./http/routes/photos.ts";
import { reference } from "./http/routes/reference.ts";
import { relationships } from "./http/routes/relationships.ts";
import { socket } from "./http/routes/socket.ts";
import { tickets } from "./http/routes/tickets.ts";

/** The router Worker. Composition only: order of middleware, mounts, error rendering. */
export const app = new Hono<AppEnv>();

app.onError(onError);
app.notFound(onNotFound);

app.use(requestContext);
// A socket's 101 has immutable headers, so that it is mounted before whatever sets some.
app.route("/api/relationships", socket);
app.use(safetyHeaders, crossOrigin, originCheck);

app.route("/health", health);
app.route("/api/auth", auth);
app.route("/api/me/recovery", myRecovery);
app.route("/api/me", me);
app.route("/api/recovery", recovery);
app.route("/api/invitations", invitations);
app.route("/api/relationships", relationships);
app.route("/api/relationships", operations);
app.route("/api/relationships", tickets);
app.route("/api/relationships", calendarFeed);
app.route("/calendar", calendar);
app.route("/api/relationships", photoUploads);
app.route("/api/relationships", personalExport);
app.route("/api/relationships", looks);
app.route("/api/operators", operators);
app.route("/api/photos", photoDownloads);
app.route("/dev", mailbox);
app.route("/api/dev", dev);
app.route("/", reference);
