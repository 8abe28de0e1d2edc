import type { TargetedSubmitEvent, VNode } from "preact";
import { useState } from "preact/hooks";
import type { InputOf } from "../../client/operations.ts";
import { shownDay } from "./days.ts";
import type { CardProps } from "./pane.tsx";

type ActivityType = InputOf<"activities.plan">["type"];

const TYPES: readonly (readonly [ActivityType, string])[] = [
  ["date_night", "Date night"],
  ["quality_time", "Quality time"],
  ["adventure", "Adventure"],
  ["relaxation", "Relaxation"],
  ["learning", "Learning"],
  ["exercise", "Exercise"],
  ["social", "Social"],
  ["custom", "Something else"],
];

const LABELS = new Map<string, string>(TYPES);

/** What is planned next, each to be marked as done, and a line to plan something more. */
export function Activities({ partner, state }: CardProps): VNode {
  const { activities, today } = state.dashboard;
  return (
    <section class="card activities">
      <h3>Planned</h3>
      {activities.length === 0 && <p class="quiet">Nothing yet. What would you both look forward to?</p>}
      <ul class="list">
        {activities.map((activity) => (
          <li key={activity.id}>
            <div>
              <strong>{activity.name}</strong>
              <span class="quiet">
                {LABELS.get(activity.type)}
                {activity.plannedDate !== null &&
                  ` · ${activity.plannedDate === today ? "today" : shownDay(activity.plannedDate)}`}
              </span>
            </div>
            <button
              type="button"
              class="small"
              aria-label={`${activity.name} is done`}
              onClick={() => void partner.command("activities.complete", { id: activity.id })}
            >
              Done
            </button>
          </li>
        ))}
      </ul>
      <PlanForm partner={partner} today={today} />
    </section>
  );
}

function PlanForm({ partner, today }: Pick<CardProps, "partner"> & { today: string }): VNode {
  const [name, setName] = useState("");
  const [type, setType] = useState<ActivityType>("date_night");
  const [date, setDate] = useState("");
  const plan = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const about = { name, type, ...(date === "" ? {} : { plannedDate: date }) };
    if (await partner.command("activities.plan", about)) setName("");
  };
  return (
    <form class="plan" onSubmit={(event) => void plan(event)}>
      <input
        name="activity"
        required
        maxLength={200}
        placeholder="Plan something"
        aria-label="What to plan"
        value={name}
        onInput={(event) => setName(event.currentTarget.value)}
      />
      <select aria-label="Kind" value={type} onChange={(event) => setType(event.currentTarget.value as ActivityType)}>
        {TYPES.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
      <input
        type="date"
        aria-label="Day"
        min={today}
        value={date}
        onInput={(event) => setDate(event.currentTarget.value)}
      />
      <button type="submit">Plan</button>
    </form>
  );
}
