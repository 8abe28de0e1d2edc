import type { TargetedSubmitEvent, VNode } from "preact";
import { useState } from "preact/hooks";
import type { Profile } from "../../api-types.ts";
import { isDevelopment } from "../header.tsx";
import { Problem, type PartProps } from "./part.tsx";

type Mode = "sign-up" | "sign-in";

/** How it went with the link of the confirming mail; null for whoever comes from elsewhere. */
const verified = new URLSearchParams(location.search).get("verified");

const PASSWORD_MIN = 8;
const MODES = [
  ["sign-up", "I am new here"],
  ["sign-in", "I have an account"],
] as const;

/** Signs the visitor up or in, without leaving the invitation. */
export function Account({ visitor, state }: PartProps): VNode {
  const [mode, setMode] = useState<Mode>(verified === null ? "sign-up" : "sign-in");
  const [mailedTo, setMailedTo] = useState<string | null>(null);
  const choose = (next: Mode): void => {
    setMode(next);
    visitor.dismissProblem();
  };
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const values = new FormData(event.currentTarget);
    const [name, email, password] = ["name", "email", "password"].map((field) => textOf(values, field));
    if (mode === "sign-in") return void (await visitor.signIn(email ?? "", password ?? ""));
    const { timeZone: timezone } = Intl.DateTimeFormat().resolvedOptions();
    if (!(await visitor.signUp({ name: name ?? "", email: email ?? "", password: password ?? "", timezone }))) return;
    setMailedTo(email ?? "");
    // What was typed stays: one more click after the mail's link, and they are in.
    setMode("sign-in");
  };
  return (
    <form class="fields" onSubmit={(event) => void submit(event)}>
      <div class="switch" role="group" aria-label="Account">
        {MODES.map(([each, label]) => (
          <button key={each} type="button" aria-pressed={each === mode} onClick={() => choose(each)}>
            {label}
          </button>
        ))}
      </div>
      {mailedTo !== null && mode === "sign-in" && <Mailed to={mailedTo} />}
      {verified !== null && mode === "sign-in" && <Verified isDone={verified === "1"} />}
      <Fields mode={mode} />
      <Problem state={state} of="account" />
      <div class="choices">
        <button type="submit" disabled={state.isBusy}>
          {mode === "sign-up" ? "Sign up" : "Sign in"}
        </button>
        {mode === "sign-in" && (
          <a class="quiet" href="/api/auth/reset-password">
            Forgot the password?
          </a>
        )}
      </div>
    </form>
  );
}

/** For whoever comes from the link of the confirming mail. */
function Verified({ isDone }: { isDone: boolean }): VNode {
  return (
    <p class="hint" role="status">
      {isDone
        ? "Your address is confirmed. Sign in here, or go back to the page with your invitation."
        : "This link was used already, or its time is over. Sign in, and if your address is not confirmed yet, a new link comes by mail."}
    </p>
  );
}

function Mailed({ to }: { to: string }): VNode {
  return (
    <p class="hint" role="status">
      A mail to <strong>{to}</strong> is on its way. Open its link, come back here and sign in.
      {isDevelopment && (
        <>
          {" "}
          This server keeps its mails in the{" "}
          <a href={`/dev/mailbox?to=${encodeURIComponent(to)}`} target="_blank" rel="noreferrer">
            local mailbox
          </a>
          .
        </>
      )}
    </p>
  );
}

function Fields({ mode }: { mode: Mode }): VNode {
  return (
    <>
      {mode === "sign-up" && (
        <label>
          <span>Your name, as your partner sees it</span>
          <input name="name" required maxLength={100} autoComplete="name" />
        </label>
      )}
      <label>
        <span>E-mail address</span>
        <input name="email" type="email" required maxLength={254} autoComplete="username" />
      </label>
      <label>
        <span>{mode === "sign-up" ? `Password, at least ${PASSWORD_MIN} characters` : "Password"}</span>
        <input
          name="password"
          type="password"
          required
          minLength={mode === "sign-up" ? PASSWORD_MIN : 1}
          maxLength={128}
          autoComplete={mode === "sign-up" ? "new-password" : "current-password"}
        />
      </label>
    </>
  );
}

/** Who answers here, and the way out for whoever shares a device. */
export function SignedInAs({ visitor, state, profile }: PartProps & { profile: Profile }): VNode {
  return (
    <p class="quiet aside">
      You are signed in as {profile.name} ({profile.email}).{" "}
      <button type="button" class="plain" disabled={state.isBusy} onClick={() => void visitor.signOut()}>
        Sign out
      </button>
    </p>
  );
}

function textOf(values: FormData, field: string): string {
  const value = values.get(field);
  return typeof value === "string" ? value : "";
}
