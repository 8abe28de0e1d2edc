import { app } from "./app.ts";
import { runScheduled } from "./maintenance/jobs.ts";

export { RelationshipObject } from "./relationship/relationship-object.ts";

export default {
  fetch: app.fetch,
  scheduled: runScheduled,
} satisfies ExportedHandler<Env>;
