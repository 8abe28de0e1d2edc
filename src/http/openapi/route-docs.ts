import { account, me } from "./account-docs.ts";
import { calendar } from "./calendar-docs.ts";
import { imports } from "./import-docs.ts";
import { invitations, relationships } from "./pairing-docs.ts";
import { erasure } from "./erasure-docs.ts";
import { recovery } from "./recovery-docs.ts";
import { personalExport } from "./export-docs.ts";
import { operators } from "./operator-docs.ts";
import { photos } from "./photo-docs.ts";
import type { RouteDoc } from "./route-doc.ts";
import { development, service } from "./service-docs.ts";

/** Every route of the Worker that is not derived from the registry. A test holds the list against the router. */
export const ROUTE_DOCS: readonly RouteDoc[] = [
  ...account,
  ...me,
  ...erasure,
  ...recovery,
  ...invitations,
  ...relationships,
  ...calendar,
  ...imports,
  ...photos,
  ...personalExport,
  ...operators,
  ...service,
  ...development,
];
