import type {
  InvitationPreview,
  Profile,
  ReceivedInvitation,
  RelationshipSummary,
  SentInvitation,
  SignUpRequest,
} from "../../api-types.ts";
import { createClient, type Client } from "../../client/client.ts";
import { ClientError } from "../../client/errors.ts";
import { refusalOf, type Refusal } from "./refusals.ts";

/** What a visitor tries; a refusal is shown beside it. */
export type Action = "account" | "answer" | "code" | "confirmation";

/** What the page shows. Replaced as a whole, never changed. */
export interface VisitorState {
  /** Null when nobody is signed in, undefined until that is known. */
  profile: Profile | null | undefined;
  relationship: RelationshipSummary | null;
  sent: readonly SentInvitation[];
  received: readonly ReceivedInvitation[];
  /** The secret of the link; null when the page was opened without one. */
  token: string | null;
  preview: InvitationPreview | null;
  /** Why the link leads nowhere. */
  deadLink: Refusal | null;
  outcome: "joined" | "declined" | null;
  /** Why the last thing that was tried was refused. */
  problem: (Refusal & { action: Action }) | null;
  isBusy: boolean;
}

const NOBODY = { profile: null, relationship: null, sent: [], received: [] } as const;

/** Whoever opened the page: with or without a link, signed in or not. The session is the browser's cookie. */
export class Visitor {
  readonly #client: Client = createClient({ baseUrl: location.origin, credentials: "include" });
  readonly #listeners = new Set<() => void>();
  #state: VisitorState = {
    ...NOBODY,
    profile: undefined,
    token: null,
    preview: null,
    deadLink: null,
    outcome: null,
    problem: null,
    isBusy: false,
  };
  /** Grows with each action, so that an answer that was asked for before it is not shown after it. */
  #turn = 0;

  get state(): VisitorState {
    return this.#state;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @param token as the link carries it, behind the `#` */
  async open(token: string | null): Promise<void> {
    this.#set({ token, preview: null, deadLink: null, outcome: null, problem: null });
    await Promise.all([this.#preview(token), this.refresh()]);
  }

  /** Asks anew who is signed in and what waits for them; says nothing when it fails, since nobody asked for it. */
  async refresh(): Promise<void> {
    const turn = this.#turn;
    try {
      const known = await this.#load();
      if (turn === this.#turn) this.#set(known);
    } catch (error) {
      if (this.#state.profile === undefined)
        this.#set({ ...NOBODY, problem: { ...refusalOf(error, false), action: "account" } });
    }
  }

  /** Whether somebody else's answer may come at any moment. */
  get isWaiting(): boolean {
    const { received, sent, relationship } = this.#state;
    if (relationship !== null && relationship.members.length === 2) return false;
    return (
      received.some(({ state }) => state === "awaiting_confirmation") || sent.some(({ status }) => status === "pending")
    );
  }

  async signIn(email: string, password: string): Promise<boolean> {
    return this.#act("account", async () => {
      await this.#client.signIn({ email, password });
    });
  }

  async signUp(input: SignUpRequest): Promise<boolean> {
    return this.#act("account", async () => this.#client.signUp(input));
  }

  async signOut(): Promise<boolean> {
    return this.#act("account", async () => this.#client.signOut());
  }

  async accept(): Promise<boolean> {
    const { token } = this.#state;
    if (token === null) return false;
    return this.#act("answer", async () => {
      const { status } = await this.#client.acceptInvitation({ token });
      if (status === "accepted") this.#set({ outcome: "joined" });
      this.#forgetLink();
    });
  }

  async decline(): Promise<boolean> {
    const { token } = this.#state;
    if (token === null) return false;
    return this.#act("answer", async () => {
      await this.#client.declineInvitation(token);
      this.#set({ outcome: "declined" });
      this.#forgetLink();
    });
  }

  async enterCode(code: string): Promise<boolean> {
    return this.#act("code", async () => {
      const { status } = await this.#client.acceptInvitation({ code });
      if (status === "accepted") this.#set({ outcome: "joined" });
    });
  }

  /** Says that `userId`, whose name is on the page, is the person who was meant. */
  async confirm(invitationId: string, userId: string): Promise<boolean> {
    return this.#act("confirmation", async () => {
      await this.#client.confirmInvitation(invitationId, userId);
      this.#set({ outcome: "joined" });
    });
  }

  async reject(invitationId: string): Promise<boolean> {
    return this.#act("confirmation", async () => {
      await this.#client.rejectAccepter(invitationId);
    });
  }

  dismissProblem(): void {
    this.#set({ problem: null });
  }

  /** Goes on without the link, to type a code instead. */
  leaveLink(): void {
    this.#set({ token: null, preview: null, deadLink: null, outcome: null, problem: null });
    this.#forgetLink();
  }

  // A secret that is of no more use need not stay in the address bar and the history.
  #forgetLink(): void {
    history.replaceState(null, "", location.pathname);
  }

  async #preview(token: string | null): Promise<void> {
    if (token === null) return;
    try {
      const preview = await this.#client.previewInvitation(token);
      if (token === this.#state.token) this.#set({ preview });
    } catch (error) {
      if (token === this.#state.token) this.#set({ deadLink: refusalOf(error, false) });
    }
  }

  async #load(): Promise<Pick<VisitorState, "profile" | "relationship" | "sent" | "received">> {
    try {
      const profile = await this.#client.me();
      const [{ relationship }, { sent, received }] = await Promise.all([
        this.#client.pairing(),
        this.#client.invitations(),
      ]);
      return { profile, relationship, sent, received };
    } catch (error) {
      if (error instanceof ClientError && error.code === "unauthenticated") return NOBODY;
      throw error;
    }
  }

  /** One thing at a time. @returns whether it was done; if not, the state says why */
  async #act(action: Action, run: () => Promise<void>): Promise<boolean> {
    if (this.#state.isBusy) return false;
    this.#turn += 1;
    this.#set({ isBusy: true, problem: null });
    let problem: VisitorState["problem"] = null;
    try {
      await run();
    } catch (error) {
      problem = { ...refusalOf(error, action === "account"), action };
    }
    // Also after a refusal: it often means that the page is not up to date.
    await this.refresh();
    this.#set({ isBusy: false, problem });
    return problem === null;
  }

  #set(change: Partial<VisitorState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
