import type { VNode } from "preact";
import type { ReceivedInvitation } from "../../api-types.ts";
import { Problem, type PartProps } from "./part.tsx";

/** Whoever typed the visitor's code, and waits for a yes or no. The name is all that tells who it is. */
export function Confirmations({ visitor, state }: PartProps): VNode {
  const waiting = state.sent.flatMap(({ id, status, awaitingConfirmation: who }) =>
    status === "pending" && who !== null ? [{ id, ...who }] : [],
  );
  return (
    <div class="confirmations" aria-live="polite">
      <Problem state={state} of="confirmation" />
      {waiting.map(({ id, userId, name }) => (
        <section class="card" key={userId} data-waiting={name}>
          <h2>Is this the person you meant?</h2>
          <p>
            <strong>{name}</strong> typed your code and would like to join you. Until you answer, nothing is shared.
          </p>
          <div class="choices">
            <button type="button" disabled={state.isBusy} onClick={() => void visitor.confirm(id, userId)}>
              Yes, connect us
            </button>
            <button type="button" class="plain" disabled={state.isBusy} onClick={() => void visitor.reject(id)}>
              No, somebody else
            </button>
          </div>
        </section>
      ))}
    </div>
  );
}

/** What others have to do before anything goes on, or where the visitor finds what to do. */
export function Received({ received }: { received: readonly ReceivedInvitation[] }): VNode {
  return (
    <div class="received" role="status">
      {received.map(({ id, inviterName, state }) => (
        <p class="card" key={id} data-received={state}>
          {state === "awaiting_confirmation"
            ? `${inviterName} has been asked whether it is you. As soon as they say yes, you see it here.`
            : `${inviterName} has invited you by e-mail. Open the link in that mail to answer.`}
        </p>
      ))}
    </div>
  );
}
