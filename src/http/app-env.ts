/** Who is signed in, as one session query tells. Their address is confirmed, or they would have no session. */
export interface Session {
  userId: string;
  sessionId: string;
  /** Epoch milliseconds. */
  expiresAt: number;
  /** Epoch milliseconds at which the person last proved who they are. */
  signedInAt: number;
  email: string;
  name: string;
  timezone: string;
  role: "user" | "support" | "finance" | "admin";
}

/** Bindings and per-request variables of every Hono router. */
export interface AppEnv {
  Bindings: Env;
  Variables: {
    requestId: string;
    /** Epoch milliseconds, read once a request. */
    now: number;
    session: Session;
  };
}
