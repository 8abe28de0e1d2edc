import type { VNode } from "preact";
import { addDays, datesFrom, shownDay } from "./days.ts";
import type { CardProps } from "./pane.tsx";

const DAYS = 30;
const STEP = 10;
const RADIUS = 3.6;

/** Three streaks in numbers, and the last thirty days of both as dots. */
export function Streaks({ state }: CardProps): VNode {
  const { streaks, profile, today } = state.dashboard;
  const other = profile.members.find(({ userId }) => userId !== state.userId);
  const numbers = [
    { label: "Ours", streak: streaks.ours, wide: true },
    { label: "Mine", streak: streaks.mine, wide: false },
    { label: `${other?.displayName}'s`, streak: streaks.partner, wide: false },
  ];
  return (
    <section class="card streaks">
      <h3>
        Streaks{" "}
        {streaks.ours?.atRisk === true && (
          <span class="risk" title="A day is missing that can still be entered">
            at risk
          </span>
        )}
      </h3>
      <dl class="numbers">
        {numbers.map(
          ({ label, streak, wide }) =>
            streak !== null && (
              <div key={label} class={wide ? "main" : ""}>
                <dt>{label}</dt>
                <dd>{streak.current}</dd>
              </div>
            ),
        )}
      </dl>
      <Dots state={state} />
      <p class="quiet">
        {streaks.ours !== null && forgiven(streaks.ours.gracesLeft)}
        <span class="sr">. Today is {shownDay(today)}.</span>
      </p>
    </section>
  );
}

function forgiven(gracesLeft: number): string {
  if (gracesLeft === 0) return "No day is forgiven any more this month";
  return `${gracesLeft} missed ${gracesLeft === 1 ? "day is" : "days are"} forgiven this month`;
}

/** A row of dots for each member: filled where they checked in, strong where both did. */
function Dots({ state }: Pick<CardProps, "state">): VNode {
  const { today, profile } = state.dashboard;
  const dates = datesFrom(addDays(today, 1 - DAYS), DAYS);
  const done = new Set(state.checkins.map(({ userId, date }) => `${userId} ${date}`));
  const members = profile.members.toSorted(
    (a, b) => Number(b.userId === state.userId) - Number(a.userId === state.userId),
  );
  const isDone = (userId: string, date: string): boolean => done.has(`${userId} ${date}`);
  const both = dates.filter((date) => members.every(({ userId }) => isDone(userId, date)));
  const height = members.length * STEP;
  return (
    <svg
      class="dots"
      viewBox={`0 0 ${DAYS * STEP} ${height}`}
      role="img"
      aria-label={`Of the last 30 days, both checked in on ${both.length}`}
    >
      {members.map(({ userId, displayName }, row) =>
        dates.map((date, column) => {
          const filled = isDone(userId, date);
          const kind = !filled ? "missing" : both.includes(date) ? "both" : "single";
          return (
            <circle
              key={date + userId}
              class={`dot ${kind}`}
              cx={column * STEP + STEP / 2}
              cy={row * STEP + STEP / 2}
              r={RADIUS}
            >
              <title>{`${displayName}, ${shownDay(date)}: ${filled ? "checked in" : "no check-in"}`}</title>
            </circle>
          );
        }),
      )}
    </svg>
  );
}
