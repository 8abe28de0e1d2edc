import type { VNode } from "preact";
import type { CardProps } from "./pane.tsx";

const DAY = new Intl.DateTimeFormat("en", { day: "numeric", month: "long", year: "numeric" });

/** Paused or parted: what holds, until when, and what can be done. Nothing while everything goes its way. */
export function StandingNotice(props: CardProps): VNode | null {
  const { status } = props.state.dashboard.profile.relationship;
  if (status === "paused") return <Paused {...props} />;
  return status === "frozen" ? <Parted {...props} /> : null;
}

function Paused({ partner }: CardProps): VNode {
  return (
    <section class="standing paused" data-standing="paused" aria-label="Paused">
      <div>
        <h3>Paused</h3>
        <p>Streaks, reminders and deadlines wait, without loss. You can both go on writing.</p>
      </div>
      <button type="button" onClick={() => void partner.command("membership.resume")}>
        Resume
      </button>
    </section>
  );
}

function Parted({ partner, state }: CardProps): VNode | null {
  const { parting } = state.dashboard.profile;
  if (parting === null) return null;
  const wantsBack = state.parted?.myVote === true;
  return (
    <section class="standing frozen" data-standing="frozen" aria-label="Parted">
      <div>
        <h3>You have parted</h3>
        <p>
          Everything can be read until <strong>{DAY.format(parting.endsAt)}</strong>, and nothing can be changed. Then{" "}
          {parting.myChoice === "keep" ? "your part moves into a space of your own" : "this space is gone for good"}.
        </p>
      </div>
      {parting.myChoice !== "purged" && (
        <label class="check">
          <input
            type="checkbox"
            checked={parting.myChoice === "keep"}
            onChange={({ currentTarget }) => {
              const choice = currentTarget.checked ? "keep" : "decline";
              void partner.command("membership.set_parting_choice", { choice });
            }}
          />
          keep my part
        </label>
      )}
      <button type="button" class="small" onClick={() => void partner.vote(!wantsBack)}>
        {wantsBack ? "I no longer want it back" : "I want it back"}
      </button>
      <p class="quiet">
        {wantsBack
          ? "It opens again when the other of you wants it, too."
          : "It opens again only when both of you want it."}
      </p>
      {state.help !== null && (
        <ul class="help" aria-label="Where help can be found">
          {state.help.map(({ topic, text, url }) => (
            <li key={topic}>
              <a href={url} rel="noreferrer" target="_blank">
                {text}
              </a>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
