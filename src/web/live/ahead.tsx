import type { VNode } from "preact";
import { shownDay } from "./days.ts";
import type { CardProps } from "./pane.tsx";

const SHOWN = 5;

/** Important dates and milestones of the next two months, the soonest first. */
export function Ahead({ state }: CardProps): VNode {
  const items = state.upcoming.slice(0, SHOWN);
  return (
    <section class="card ahead">
      <h3>
        Ahead <span class="quiet">60 days</span>
      </h3>
      {items.length === 0 && <p class="quiet">Nothing in the next two months.</p>}
      <ol>
        {items.map((item) => (
          <li key={`${item.kind} ${item.on} ${titleOf(item)}`} class={item.kind} data-date={item.on}>
            <strong>{item.daysLeft === 0 ? "today" : item.daysLeft}</strong>
            {item.daysLeft > 0 && <span class="unit">{item.daysLeft === 1 ? "day" : "days"}</span>}
            <span class="name">{titleOf(item)}</span>
            <span class="quiet">
              <time dateTime={item.on}>{shownDay(item.on)}</time>
              {item.kind === "date" && item.date.isPrivate && " · only you"}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function titleOf(item: CardProps["state"]["upcoming"][number]): string {
  if (item.kind === "date") return item.date.name;
  const { years, days } = item.milestone;
  if (years !== null) return years === 1 ? "One year together" : `${years} years together`;
  return `${days.toLocaleString("en")} days together`;
}
