import type { VNode } from "preact";
import { Activities } from "./activities.tsx";
import { Badges, Celebration } from "./badges.tsx";
import { Challenge } from "./challenge.tsx";
import { CheckinForm } from "./check-in.tsx";
import { Connection } from "./connection-card.tsx";
import { Feed, Inbox } from "./news.tsx";
import { placeOf, shownTime } from "./days.ts";
import type { Partner, PartnerState } from "./partner.ts";
import { Streaks } from "./streaks.tsx";
import { useNow, usePartner } from "./use-partner.ts";

/** What every card of a pane gets. */
export interface CardProps {
  partner: Partner;
  state: PartnerState & { dashboard: NonNullable<PartnerState["dashboard"]> };
}

/** One partner's app, as that partner sees it. */
export function Pane({ partner, tone }: { partner: Partner; tone: "coral" | "teal" }): VNode {
  const state = usePartner(partner);
  const { dashboard } = state;
  const card = dashboard === null ? null : { partner, state: { ...state, dashboard } };
  return (
    <section class={`pane ${tone}`} id={partner.name} aria-label={`${partner.name}'s app`}>
      <PaneHead partner={partner} state={state} />
      {state.problem !== null && (
        <p class="problem" role="alert">
          {state.problem}
        </p>
      )}
      {card === null ? (
        <p class="loading">One moment …</p>
      ) : (
        <>
          <Celebration {...card} />
          <div class="cards">
            <CheckinForm {...card} />
            <Streaks {...card} />
            <Connection {...card} />
            <Challenge {...card} />
            <Feed {...card} />
            <Activities {...card} />
            <Badges {...card} />
            <Inbox {...card} />
          </div>
        </>
      )}
    </section>
  );
}

const LINE_TEXT: Readonly<Record<PartnerState["line"], string>> = {
  "signing in": "Signing in",
  connecting: "Connecting",
  live: "Live",
  waiting: "Reconnecting",
  closed: "Offline",
};

function PaneHead({ partner, state }: { partner: Partner; state: PartnerState }): VNode {
  const now = useNow(10_000);
  const members = state.dashboard?.profile.members ?? [];
  const me = members.find(({ userId }) => userId === state.userId);
  const other = members.find(({ userId }) => userId !== state.userId);
  const otherIsHere = other !== undefined && state.online.has(other.userId);
  return (
    <header class="pane-head">
      <span class="avatar" aria-hidden="true">
        {partner.name.slice(0, 1)}
      </span>
      <div>
        <h2>{partner.name}</h2>
        <p class="quiet">{me === undefined ? " " : `${placeOf(me.timezone)} · ${shownTime(now, me.timezone)}`}</p>
      </div>
      <ul class="chips" aria-label="Connection">
        <li class={`chip line ${state.line.replace(" ", "-")}`} data-line={state.line}>
          {LINE_TEXT[state.line]}
        </li>
        {other !== undefined && (
          <li class={`chip presence ${otherIsHere ? "here" : "away"}`}>
            {other.displayName} is {otherIsHere ? "here" : "away"}
          </li>
        )}
      </ul>
    </header>
  );
}
