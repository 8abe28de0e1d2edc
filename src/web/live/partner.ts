import type { DemoCouple } from "../../api-types.ts";
import { createClient, type Client } from "../../client/client.ts";
import type { CommandOptions, Connection } from "../../client/connection.ts";
import { ClientError } from "../../client/errors.ts";
import type { LineState } from "../../client/line.ts";
import type { CommandName, InputArguments, OutputOf, RelationshipEvent } from "../../client/operations.ts";
import { addDays } from "./days.ts";
import { feedItem, type FeedItem } from "./feed.ts";

const FEED_MAX = 30;
const DAYS_SHOWN = 30;
/** News come in bursts; what they changed is asked for once. */
const REFRESH_AFTER_MS = 120;

/** What one pane shows. Replaced as a whole, never changed. */
export interface PartnerState {
  line: LineState | "signing in";
  userId: string | null;
  dashboard: OutputOf<"insights.dashboard"> | null;
  trends: OutputOf<"insights.trends"> | null;
  checkins: OutputOf<"checkins.list">["items"];
  badges: OutputOf<"achievements.list">["items"];
  inbox: OutputOf<"inbox.list">["items"];
  online: ReadonlySet<string>;
  feed: readonly FeedItem[];
  /** Ids of badges that were earned just now. */
  celebrating: readonly string[];
  problem: string | null;
}

const EMPTY: PartnerState = {
  line: "signing in",
  userId: null,
  dashboard: null,
  trends: null,
  checkins: [],
  badges: [],
  inbox: [],
  online: new Set(),
  feed: [],
  celebrating: [],
  problem: null,
};

/** One partner in one pane: signs in, holds the live connection, and keeps what the pane shows up to date. */
export class Partner {
  readonly name: string;
  readonly #account: { email: string; password: string };
  readonly #relationshipId: string;
  readonly #client: Client;
  readonly #listeners = new Set<() => void>();
  #state = EMPTY;
  #connection: Connection | null = null;
  #refresh: "idle" | "planned" | "running" | "stale" = "idle";

  constructor(demo: DemoCouple & { relationshipId: string }, member: DemoCouple["members"][number]) {
    this.name = member.name;
    this.#account = { email: member.email, password: demo.password };
    this.#relationshipId = demo.relationshipId;
    this.#client = createClient({
      baseUrl: location.origin,
      token: sessionStorage.getItem(this.#storageKey),
      onToken: (token) => this.#keepToken(token),
    });
  }

  get state(): PartnerState {
    return this.#state;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Signs in unless this tab has done so before, and goes live. */
  async start(): Promise<void> {
    try {
      if (this.#client.token === null) await this.#client.signIn(this.#account);
    } catch (error) {
      return this.#fail(error);
    }
    this.#connection = this.#client.connect(this.#relationshipId, {
      onState: (line) => this.#set({ line }),
      onSnapshot: () => this.#plan(),
      onEvents: (events) => this.#tell(events),
      onPresence: (members) => {
        this.#set({ online: new Set(members.filter(({ online }) => online).map(({ userId }) => userId)) });
      },
      onEnd: (reason) => this.#ended(reason),
      onError: (error) => this.#fail(error),
    });
  }

  /** Does something; a refusal becomes the pane's problem. @returns whether it was done */
  async command<Name extends CommandName>(name: Name, ...rest: InputArguments<Name, CommandOptions>): Promise<boolean> {
    try {
      await this.#connection?.command(name, ...rest);
      this.#set({ problem: null });
      this.#plan();
      return true;
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  async listChallenges(): Promise<OutputOf<"challenges.catalogue">["items"]> {
    return (await this.#connection?.query("challenges.catalogue"))?.items ?? [];
  }

  setForeground(foreground: boolean): void {
    this.#connection?.setForeground(foreground);
    if (foreground) this.#plan();
  }

  dismissCelebration(): void {
    this.#set({ celebrating: [] });
  }

  nameOf(userId: string): string {
    const members = this.#state.dashboard?.profile.members ?? [];
    return members.find((member) => member.userId === userId)?.displayName ?? "Somebody";
  }

  #tell(events: readonly RelationshipEvent[]): void {
    const items = events.flatMap((event) => feedItem(event, this.nameOf(event.actorId)) ?? []);
    const earned = events.flatMap((event) => (event.name === "achievement.earned" ? [event.data.achievementId] : []));
    this.#set({
      feed: [...items.toReversed(), ...this.#state.feed].slice(0, FEED_MAX),
      celebrating: [...this.#state.celebrating, ...earned],
    });
    this.#plan();
  }

  /** Asks anew for what is shown, soon; requests that come meanwhile are one. */
  #plan(): void {
    if (this.#refresh === "running") this.#refresh = "stale";
    if (this.#refresh !== "idle") return;
    this.#refresh = "planned";
    setTimeout(() => void this.#run(), REFRESH_AFTER_MS);
  }

  async #run(): Promise<void> {
    this.#refresh = "running";
    try {
      await this.#load();
    } catch (error) {
      this.#fail(error);
    }
    const stale = (this.#refresh as string) === "stale";
    this.#refresh = "idle";
    if (stale) this.#plan();
  }

  async #load(): Promise<void> {
    const connection = this.#connection;
    if (connection === null || connection.state === "closed") return;
    const dashboard = await connection.query("insights.dashboard");
    const from = addDays(dashboard.today, 1 - DAYS_SHOWN);
    const [trends, checkins, badges, inbox] = await Promise.all([
      connection.query("insights.trends", { days: DAYS_SHOWN }),
      connection.query("checkins.list", { from, limit: 100 }),
      connection.query("achievements.list"),
      connection.query("inbox.list", { limit: 6 }),
    ]);
    const me = dashboard.profile.members.find(({ slot }) => slot === dashboard.profile.mySlot);
    this.#set({
      dashboard,
      trends,
      userId: me?.userId ?? null,
      checkins: checkins.items,
      badges: badges.items,
      inbox: inbox.items,
    });
  }

  #ended(reason: string): void {
    this.#connection = null;
    if (reason === "session_ended" && this.#client.token !== null) {
      // The token of an earlier visit; the demo's password opens a new session.
      this.#keepToken(null);
      location.reload();
    } else if (reason !== "closed") {
      this.#set({ problem: `The connection has ended: ${reason.replaceAll("_", " ")}` });
    }
  }

  #fail(error: unknown): void {
    if (error instanceof ClientError && error.code === "closed") return;
    this.#set({ problem: describe(error) });
  }

  #keepToken(token: string | null): void {
    if (token === null) sessionStorage.removeItem(this.#storageKey);
    else sessionStorage.setItem(this.#storageKey, token);
  }

  get #storageKey(): string {
    return `better-together.token.${this.#account.email}`;
  }

  #set(change: Partial<PartnerState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

function describe(error: unknown): string {
  if (!(error instanceof ClientError)) return "Something went wrong on this page";
  const issues = error.details?.issues?.map(({ path, message }) => `${path}: ${message}`) ?? [];
  return [error.message, ...issues].join(" · ");
}
