import type { ComponentChildren, VNode } from "preact";
import { Activities } from "./activities.tsx";
import { Ahead } from "./ahead.tsx";
import { Badges, Celebration } from "./badges.tsx";
import { Challenge } from "./challenge.tsx";
import { CheckinForm } from "./check-in.tsx";
import { Connection } from "./connection-card.tsx";
import { HealthCard } from "./health.tsx";
import { Keepsakes } from "./keepsakes.tsx";
import { Menu } from "./menu.tsx";
import { Feed, Inbox } from "./news.tsx";
import { placeOf, shownTime } from "./days.ts";
import type { Partner, PartnerState } from "./partner.ts";
import { Question } from "./question.tsx";
import { StandingNotice } from "./standing.tsx";
import { Streaks } from "./streaks.tsx";
import { useNow, usePartner } from "./use-partner.ts";
import type { View } from "./view.ts";

/** What every card of a pane gets. */
export interface CardProps {
  partner: Partner;
  state: PartnerState & View;
}

/** One partner's app, as that partner sees it. */
export function Pane({ partner, tone }: { partner: Partner; tone: "coral" | "teal" }): VNode {
  const state = usePartner(partner);
  const card = state.view === null ? null : { partner, state: { ...state, ...state.view } };
  return (
    <section class={`pane ${tone}`} id={partner.name} aria-label={`${partner.name}'s app`}>
      <PaneHead partner={partner} state={state}>
        {card !== null && <Menu {...card} />}
      </PaneHead>
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
          <StandingNotice {...card} />
          <fieldset class="cards" disabled={!card.state.dashboard.profile.capabilities.includes("write")}>
            <CheckinForm {...card} />
            <Question {...card} />
            <Streaks {...card} />
            <HealthCard {...card} />
            <Connection {...card} />
            <Ahead {...card} />
            <Challenge {...card} />
            <Feed {...card} />
            <Activities {...card} />
            <Keepsakes {...card} />
            <Badges {...card} />
          </fieldset>
          <Inbox {...card} />
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

interface HeadProps {
  partner: Partner;
  state: PartnerState;
  children: ComponentChildren;
}

function PaneHead({ partner, state, children }: HeadProps): VNode {
  const now = useNow(10_000);
  const members = state.view?.dashboard.profile.members ?? [];
  const me = members.find(({ userId }) => userId === state.view?.userId);
  // Nobody sees where the other is once they have parted.
  const isParted = state.view?.dashboard.profile.parting !== null;
  const other = isParted ? undefined : members.find(({ userId }) => userId !== state.view?.userId);
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
      {children}
    </header>
  );
}
