import { services as dates } from "./dates/feed.ts";
import { services as exportServices } from "./export/services.ts";
import { services as parts } from "./parting/pages.ts";
import { services as parting } from "./parting/services.ts";
import { services as photos } from "./photos/services.ts";
import { eraseMember } from "./erasure/services.ts";
import { inspectService } from "./inspection/services.ts";
import { rebuildService } from "./insights/rebuild.ts";
import { recoveryStanding, recoveryTell } from "./recovery/services.ts";
import type { Service } from "./service.ts";

/** Everything that the Worker's side may ask of an object beyond what its members do. One line for each module. */
const SERVICES: readonly Service[] = [
  ...dates,
  ...exportServices,
  ...parts,
  ...parting,
  ...photos,
  eraseMember,
  recoveryStanding,
  recoveryTell,
  rebuildService,
  inspectService,
];

const byName = new Map(SERVICES.map((service) => [service.name, service]));

export function findService(name: string): Service | null {
  return byName.get(name) ?? null;
}
