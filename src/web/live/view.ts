import type { Parted } from "../../pairing/schema.ts";
import type { Client } from "../../client/client.ts";
import type { InputArguments, OutputOf, QueryName } from "../../client/operations.ts";
import { addDays } from "./days.ts";

const DAYS_SHOWN = 30;
const AHEAD_DAYS = 60;
/** A photo's address lives five minutes; the page asks for the next one a minute before. */
const ADDRESS_REUSED_MS = 240_000;

/** Asks the relationship's object, over whatever line there is. */
export type Ask = <Name extends QueryName>(name: Name, ...rest: InputArguments<Name>) => Promise<OutputOf<Name>>;

type PhotoItem = OutputOf<"photos.list">["items"][number] & { path: string };

/** What the object answers for one pane. */
export interface View {
  userId: string | null;
  dashboard: OutputOf<"insights.dashboard">;
  trends: OutputOf<"insights.trends">;
  checkins: OutputOf<"checkins.list">["items"];
  badges: OutputOf<"achievements.list">["items"];
  inbox: OutputOf<"inbox.list">["items"];
  question: OutputOf<"questions.today">;
  health: OutputOf<"insights.health">;
  upcoming: OutputOf<"dates.upcoming">["items"];
  notes: OutputOf<"notes.list">["items"];
  photos: readonly PhotoItem[];
  /** What the directory knows of the parted space; null while it is not parted. */
  parted: Parted | null;
}

/** Reads everything that a pane shows. */
export class ViewReader {
  readonly #addresses = new Map<string, { path: string; until: number }>();

  async read(ask: Ask, client: Client): Promise<View> {
    const dashboard = await ask("insights.dashboard");
    const from = addDays(dashboard.today, 1 - DAYS_SHOWN);
    const [trends, checkins, badges, inbox, question, health, upcoming, notes, photos] = await Promise.all([
      ask("insights.trends", { days: DAYS_SHOWN }),
      ask("checkins.list", { from, limit: 100 }),
      ask("achievements.list"),
      ask("inbox.list", { limit: 6 }),
      ask("questions.today", {}),
      ask("insights.health", {}),
      ask("dates.upcoming", { days: AHEAD_DAYS }),
      ask("notes.list", { limit: 3 }),
      ask("photos.list", { limit: 4 }),
    ]);
    const me = dashboard.profile.members.find(({ slot }) => slot === dashboard.profile.mySlot);
    return {
      dashboard,
      trends,
      question,
      health,
      userId: me?.userId ?? null,
      checkins: checkins.items,
      badges: badges.items,
      inbox: inbox.items,
      upcoming: upcoming.items,
      notes: notes.items,
      photos: await Promise.all(photos.items.map(async (item) => ({ ...item, path: await this.#path(ask, item.id) }))),
      parted: dashboard.profile.parting === null ? null : await findParted(client, dashboard.profile.relationship.id),
    };
  }

  async #path(ask: Ask, id: string): Promise<string> {
    const known = this.#addresses.get(id);
    if (known !== undefined && known.until > Date.now()) return known.path;
    const { path } = await ask("photos.address", { id });
    this.#addresses.set(id, { path, until: Date.now() + ADDRESS_REUSED_MS });
    return path;
  }
}

async function findParted(client: Client, relationshipId: string): Promise<Parted | null> {
  const { parted } = await client.pairing();
  return parted.find(({ id }) => id === relationshipId) ?? null;
}
