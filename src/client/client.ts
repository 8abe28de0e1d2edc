import type {
  Acceptance,
  AcceptInput,
  CreateInvitationInput,
  InvitationPreview,
  Invitations,
  IssuedInvitation,
  OwnSession,
  Pairing,
  Profile,
  ProfileChange,
  RelationshipSummary,
  Reunion,
  SentInvitation,
  SignedIn,
  SignInRequest,
  SignUpRequest,
  SocketTicket,
} from "../api-types.ts";
import { uuidv7 } from "../protocol/uuid.ts";
import { Connection, type CommandOptions, type ConnectionOptions } from "./connection.ts";
import { environment, type Environment } from "./environment.ts";
import { Http, type HttpOptions } from "./http.ts";
import type { CommandName, InputArguments, OutputOf, QueryName } from "./operations.ts";

export type ClientOptions = HttpOptions & Partial<Environment>;

// Each repeat carries the same command id, and is therefore the same command.
const COMMAND_REPEATS = 2;

/**
 * The client of one person. Works in browsers, React Native (which needs a `crypto.getRandomValues`) and Node; every
 * call rejects with a `ClientError`.
 */
export class Client {
  readonly #env: Environment;
  readonly #http: Http;

  constructor(options: ClientOptions) {
    this.#env = environment(definedOnly(options));
    this.#http = new Http(this.#env, options);
  }

  /** The bearer token in use; null when signed out or when a cookie does its work. */
  get token(): string | null {
    return this.#http.token;
  }

  /** Makes an account; the mail that confirms its address is on the way. The same answer for a known address. */
  async signUp(input: SignUpRequest): Promise<void> {
    await this.#http.send("POST", "/api/auth/sign-up/email", { body: input });
  }

  async verifyEmail(token: string): Promise<void> {
    await this.#http.send("GET", `/api/auth/verify-email?token=${encodeURIComponent(token)}`);
  }

  async signIn(input: Omit<SignInRequest, "transport">): Promise<SignedIn> {
    const transport = this.#http.usesCookie ? "cookie" : "bearer";
    const answer = await this.#http.send<SignedIn>("POST", "/api/auth/sign-in/email", {
      body: { ...input, transport },
    });
    this.#http.token = answer.token ?? null;
    return answer;
  }

  /** Ends this session on the server; its sockets close. */
  async signOut(): Promise<void> {
    await this.#http.send("POST", "/api/auth/sign-out", { body: {} });
    this.#http.token = null;
  }

  /**
   * Proves once more who this is, after a refusal with `fresh_sign_in_required`; then the same call can be repeated. A
   * socket that is open already keeps its older proof: repeat the call with `command`, not over the socket.
   */
  async confirmIdentity(password: string): Promise<void> {
    await this.#http.send("POST", "/api/auth/confirm", { body: { password } });
  }

  async requestPasswordReset(email: string): Promise<void> {
    await this.#http.send("POST", "/api/auth/request-password-reset", { body: { email } });
  }

  /** @param token the one in the reset mail's link */
  async resetPassword(token: string, newPassword: string): Promise<void> {
    await this.#http.send("POST", "/api/auth/reset-password", { body: { token, newPassword } });
  }

  async me(): Promise<Profile> {
    return (await this.#http.send<{ user: Profile }>("GET", "/api/me")).user;
  }

  async updateMe(change: ProfileChange): Promise<Profile> {
    return (await this.#http.send<{ user: Profile }>("PATCH", "/api/me", { body: change })).user;
  }

  async sessions(): Promise<OwnSession[]> {
    return (await this.#http.send<{ sessions: OwnSession[] }>("GET", "/api/me/sessions")).sessions;
  }

  async revokeSession(sessionId: string): Promise<void> {
    await this.#http.send("POST", "/api/auth/revoke-session", { body: { sessionId } });
  }

  /** The live relationship, if there is one, and the invitations that wait for an answer. */
  async pairing(): Promise<Pairing> {
    return this.#http.send("GET", "/api/relationships");
  }

  /** The live relationship; whoever has none gets one in which they are alone. */
  async openRelationship(): Promise<RelationshipSummary> {
    return (await this.#http.send<{ relationship: RelationshipSummary }>("POST", "/api/relationships", { body: {} }))
      .relationship;
  }

  /** I want the parted space back; it opens again when both do. */
  async voteForReunion(relationshipId: string): Promise<Reunion> {
    return this.#http.send("POST", `/api/relationships/${relationshipId}/reunion`, { body: {} });
  }

  async withdrawReunion(relationshipId: string): Promise<void> {
    await this.#http.send("DELETE", `/api/relationships/${relationshipId}/reunion`);
  }

  /** Link, QR content and six digits of one new invitation; shown now and never again. */
  async invite(input: CreateInvitationInput = {}): Promise<IssuedInvitation> {
    return this.#http.send("POST", "/api/invitations", { body: input });
  }

  async invitations(): Promise<Invitations> {
    return this.#http.send("GET", "/api/invitations");
  }

  async previewInvitation(token: string): Promise<InvitationPreview> {
    return (
      await this.#http.send<{ invitation: InvitationPreview }>("POST", "/api/invitations/preview", { body: { token } })
    ).invitation;
  }

  /** A token joins at once, unless the inviter has left the accepter; that, and a code, waits until they confirm the name. */
  async acceptInvitation(input: AcceptInput): Promise<Acceptance> {
    return this.#http.send("POST", "/api/invitations/accept", { body: input });
  }

  async declineInvitation(token: string): Promise<void> {
    await this.#http.send("POST", "/api/invitations/decline", { body: { token } });
  }

  /** @param userId of the person whose name was shown */
  async confirmInvitation(id: string, userId: string): Promise<RelationshipSummary> {
    const path = `/api/invitations/${id}/confirm`;
    return (await this.#http.send<{ relationship: RelationshipSummary }>("POST", path, { body: { userId } }))
      .relationship;
  }

  async rejectAccepter(id: string): Promise<SentInvitation> {
    return this.#invitationMove(id, "reject");
  }

  async revokeInvitation(id: string): Promise<SentInvitation> {
    return this.#invitationMove(id, "revoke");
  }

  /** Runs a command once, however often the request has to be repeated. */
  async command<Name extends CommandName>(
    relationshipId: string,
    name: Name,
    ...[input, options]: InputArguments<Name, CommandOptions>
  ): Promise<OutputOf<Name>> {
    const headers = { "idempotency-key": options?.id ?? uuidv7(this.#env.now()) };
    const path = `/api/relationships/${relationshipId}/commands/${name}`;
    const call = { body: input ?? {}, headers, repeats: COMMAND_REPEATS };
    return (await this.#http.send<{ data: OutputOf<Name> }>("POST", path, call)).data;
  }

  async query<Name extends QueryName>(
    relationshipId: string,
    name: Name,
    ...[input]: InputArguments<Name>
  ): Promise<OutputOf<Name>> {
    const query = input === undefined ? "" : `?input=${encodeURIComponent(JSON.stringify(input))}`;
    const path = `/api/relationships/${relationshipId}/queries/${name}${query}`;
    return (await this.#http.send<{ data: OutputOf<Name> }>("GET", path)).data;
  }

  /** Opens the live view of a relationship; it stays open, through any number of lost sockets, until it is closed. */
  connect(relationshipId: string, options: ConnectionOptions = {}): Connection {
    const path = `/api/relationships/${relationshipId}`;
    const ticket = async (): Promise<string> => (await this.#http.send<SocketTicket>("POST", `${path}/tickets`)).ticket;
    const url = this.#http.url(`${path}/socket`).replace(/^http/, "ws");
    return new Connection(this.#env, url, ticket, options);
  }

  async #invitationMove(id: string, move: "reject" | "revoke"): Promise<SentInvitation> {
    const path = `/api/invitations/${id}/${move}`;
    return (await this.#http.send<{ invitation: SentInvitation }>("POST", path, { body: {} })).invitation;
  }
}

/** The client of one person. Network, clock, timers and chance may be injected. */
export function createClient(options: ClientOptions): Client {
  return new Client(options);
}

// An option that is given as undefined must not hide the machine's own.
function definedOnly(options: ClientOptions): Partial<Environment> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
