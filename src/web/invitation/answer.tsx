import type { VNode } from "preact";
import type { InvitationPreview } from "../../api-types.ts";
import { Account, SignedInAs } from "./account.tsx";
import { Problem, Title, type PartProps } from "./part.tsx";

const UNTIL = new Intl.DateTimeFormat("en", { dateStyle: "long", timeStyle: "short" });

/** An open invitation: who asks, until when, and the two answers. Saying no needs no account. */
export function Answer({ visitor, state, preview }: PartProps & { preview: InvitationPreview }): VNode {
  const { profile, isBusy } = state;
  const name = preview.inviterName;
  return (
    <section class="card">
      <Title>{name} invites you</Title>
      <p>
        {name} would like to share a space for two with you: check-ins, plans, and days that count for both. The
        invitation is open until{" "}
        <time dateTime={new Date(preview.expiresAt).toISOString()}>{UNTIL.format(preview.expiresAt)}</time>.
      </p>
      {profile ? (
        <>
          <Problem state={state} of="answer" />
          <div class="choices">
            <button type="button" disabled={isBusy} onClick={() => void visitor.accept()}>
              Accept
            </button>
            <DeclineButton visitor={visitor} state={state} />
          </div>
          <SignedInAs visitor={visitor} state={state} profile={profile} />
        </>
      ) : (
        <>
          <Account visitor={visitor} state={state} />
          <Problem state={state} of="answer" />
          <p class="quiet aside">
            You do not know {name}, or do not want to? Saying no needs no account.{" "}
            <DeclineButton visitor={visitor} state={state} />
          </p>
        </>
      )}
    </section>
  );
}

function DeclineButton({ visitor, state }: PartProps): VNode {
  return (
    <button type="button" class="plain" disabled={state.isBusy} onClick={() => void visitor.decline()}>
      Decline
    </button>
  );
}
