import type { DemoCouple } from "../../api-types.ts";
import { createClient, type Client } from "../../client/client.ts";
import type { CommandOptions, Connection } from "../../client/connection.ts";
import { ClientError } from "../../client/errors.ts";
import type { LineState } from "../../client/line.ts";
import type { PhotoType } from "../../domain/photos/schema.ts";
import type { ErrorBody } from "../../protocol/errors.ts";
import type { CommandName, InputArguments, OutputOf, RelationshipEvent } from "../../client/operations.ts";
import { feedItem, type FeedItem } from "./feed.ts";
import { ViewReader, type View } from "./view.ts";

const FEED_MAX = 30;
/** News come in bursts; what they changed is asked for once. */
const REFRESH_AFTER_MS = 150;

/** What one pane shows. Replaced as a whole, never changed. */
export interface PartnerState {
  line: LineState | "signing in";
  /** Null until it was read for the first time. */
  view: View | null;
  online: ReadonlySet<string>;
  feed: readonly FeedItem[];
  /** Ids of badges that were earned just now. */
  celebrating: readonly string[];
  /** Where help can be found, once this person has left. */
  help: OutputOf<"membership.leave">["help"] | null;
  problem: string | null;
}

const EMPTY: PartnerState = {
  line: "signing in",
  view: null,
  online: new Set(),
  feed: [],
  celebrating: [],
  help: null,
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
  readonly #reader = new ViewReader();
  #connection: Connection | null = null;
  /** Whether a parting has closed the line and the next one has not come up yet. */
  #returning = false;
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
    this.#connect();
  }

  #connect(): void {
    this.#connection = this.#client.connect(this.#relationshipId, {
      onState: (line) => {
        if (line === "live") this.#returning = false;
        this.#set({ line });
      },
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
    return this.#try(async () => this.#connection?.command(name, ...rest));
  }

  /** Ticks my entry of `date`; words are added to those that I have written for it already. */
  async writeEntry(participationId: string, date: string, words: string): Promise<boolean> {
    return this.#try(async () => {
      const challenge = await this.#connection?.query("challenges.get", { participationId });
      const { userId } = this.#state.view ?? {};
      const before = challenge?.entries.items.find((entry) => entry.userId === userId && entry.date === date);
      const content = [before?.content, words].filter((text) => text !== null && text !== undefined && text !== "");
      await this.#connection?.command("challenges.log_entry", {
        participationId,
        date,
        completed: true,
        ...(words === "" ? {} : { content: content.join("\n") }),
        ...(before === undefined ? {} : { version: before.version }),
      });
    });
  }

  /** Leaves, alone and at once. @returns what went wrong, such as a wrong password; then nothing has happened */
  async leave(password: string): Promise<string | null> {
    try {
      await this.#client.confirmIdentity(password);
      const { help } = await this.#client.command(this.#relationshipId, "membership.leave");
      this.#set({ help, problem: null });
      this.#plan();
      return null;
    } catch (error) {
      return describe(error);
    }
  }

  /** Says that I want the parted space back, or takes it back. */
  async vote(wantsBack: boolean): Promise<boolean> {
    return this.#try(async () => {
      if (wantsBack) await this.#client.voteForReunion(this.#relationshipId);
      else await this.#client.withdrawReunion(this.#relationshipId);
    });
  }

  /** Keeps a place for `file` and brings its bytes there. */
  async addPhoto(file: File): Promise<boolean> {
    return this.#try(async () => {
      const { name, type, size } = file;
      const about = { contentType: type as PhotoType, sizeBytes: size, caption: name.replace(/\.\w+$/, "") };
      const { upload } = await this.#client.command(this.#relationshipId, "photos.reserve", about);
      const headers = { authorization: `Bearer ${this.#client.token}`, "content-type": type };
      const answer = await fetch(upload.path, { method: upload.method, headers, body: file });
      if (!answer.ok) throw await refusalOf(answer);
    });
  }

  /** Everything that is mine, as a page to keep. */
  async takeAlong(): Promise<boolean> {
    return this.#try(async () => {
      const path = `/api/relationships/${this.#relationshipId}/export?format=html`;
      const answer = await fetch(path, { headers: { authorization: `Bearer ${this.#client.token}` } });
      if (!answer.ok) throw await refusalOf(answer);
      const address = URL.createObjectURL(await answer.blob());
      const link = Object.assign(document.createElement("a"), { href: address, download: `${this.name}.html` });
      link.click();
      URL.revokeObjectURL(address);
    });
  }

  async whyHealth(): Promise<OutputOf<"insights.why"> | null> {
    return (await this.#connection?.query("insights.why", { subject: "health" })) ?? null;
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
    const members = this.#state.view?.dashboard.profile.members ?? [];
    return members.find((member) => member.userId === userId)?.displayName ?? "Somebody";
  }

  async #try(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      this.#set({ problem: null });
      this.#plan();
      return true;
    } catch (error) {
      this.#fail(error);
      return false;
    }
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
    const view = await this.#reader.read((name, ...rest) => connection.query(name, ...rest), this.#client);
    const isParted = view.dashboard.profile.parting !== null;
    this.#set({ view, help: isParted ? this.#state.help : null });
  }

  #ended(reason: string): void {
    this.#connection = null;
    if (reason === "session_ended" && this.#client.token !== null) {
      // The token of an earlier visit; the demo's password opens a new session.
      this.#keepToken(null);
      location.reload();
    } else if (reason === "membership_ended" && !this.#returning) {
      // A parting closes every line, and may be read on a new one.
      this.#returning = true;
      this.#connect();
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

async function refusalOf(answer: Response): Promise<ClientError> {
  return new ClientError(((await answer.json()) as { error: ErrorBody }).error);
}

function describe(error: unknown): string {
  if (!(error instanceof ClientError)) return "Something went wrong on this page";
  const issues = error.details?.issues?.map(({ path, message }) => `${path}: ${message}`) ?? [];
  return [error.message, ...issues].join(" · ");
}
