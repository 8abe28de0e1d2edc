import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { OutputOf } from "../../client/operations.ts";
import type { CardProps } from "./pane.tsx";

const RADIUS = 52;
const STROKE = 11;
const WIDTH = 2 * RADIUS + STROKE + 2;
const HEIGHT = RADIUS + STROKE + 1;
/** Half a circle. */
const LENGTH = Math.PI * RADIUS;

type Health = CardProps["state"]["health"];
type Part = Health["parts"][number];

const NAMES: Readonly<Record<Part["name"], string>> = {
  connection: "Connection",
  satisfaction: "Satisfaction",
  consistency: "Consistency",
  followThrough: "Follow-through",
};

const REASONS: Readonly<Record<NonNullable<Health["reason"]>, string>> = {
  alone: "It takes two: there is no score while one of you is alone here.",
  too_few_days: "There is a score from the third day with a check-in on.",
};

/** The couple's health score with its parts; the same for both, and made of nothing that only one may see. */
export function HealthCard({ partner, state }: CardProps): VNode {
  const { health } = state;
  return (
    <section class="card health">
      <h3>
        How we are <span class="quiet">30 days</span>
      </h3>
      {health.reason === null ? (
        <div class="gauge-row">
          <Gauge score={health.score ?? 0} />
          <ul class="parts">
            {health.parts.map((part) => (
              <PartBar key={part.name} {...part} />
            ))}
          </ul>
        </div>
      ) : (
        <p class="quiet">{REASONS[health.reason]}</p>
      )}
      <Why partner={partner} health={health} />
    </section>
  );
}

function PartBar({ name, weight, value }: Part): VNode {
  const shown = value === null ? "–" : Math.round(value);
  return (
    <li title={`Weight ${weight} of 100`}>
      <span>{NAMES[name]}</span>
      <span
        class="meter"
        role="meter"
        aria-label={NAMES[name]}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={value ?? 0}
        aria-valuetext={value === null ? "nothing to go by" : `${shown} of 100, weight ${weight}`}
      >
        <span style={{ width: `${value ?? 0}%` }} />
      </span>
      <strong>{shown}</strong>
    </li>
  );
}

function Gauge({ score }: { score: number }): VNode {
  const middle = WIDTH / 2;
  const bottom = RADIUS + STROKE / 2 + 1;
  const arc = `M ${middle - RADIUS} ${bottom} A ${RADIUS} ${RADIUS} 0 0 1 ${middle + RADIUS} ${bottom}`;
  return (
    <svg
      class="gauge"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={`Health score ${score} of 100`}
      data-health={score}
    >
      <path class="rest" d={arc} stroke-width={STROKE} />
      <path class="done" d={arc} stroke-width={STROKE} stroke-dasharray={`${(LENGTH * score) / 100} ${LENGTH}`} />
      <text x={middle} y={bottom - 3}>
        {score}
      </text>
    </svg>
  );
}

/** The rows behind the number, asked for when somebody wants to know. */
function Why({ partner, health }: Pick<CardProps, "partner"> & { health: Health }): VNode {
  const [why, setWhy] = useState<OutputOf<"insights.why"> | null>(null);
  const ask = async (isOpen: boolean): Promise<void> => {
    if (isOpen) setWhy(await partner.whyHealth());
  };
  return (
    <details class="why" onToggle={(event) => void ask(event.currentTarget.open)}>
      <summary>Why this number?</summary>
      {why?.subject === "health" && (
        <ul>
          {sentences(health).map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
          <li>
            Rule version {why.ruleVersion}, from {why.sources.checkins.length} check-ins and {why.sources.due.length}{" "}
            things that fell due.
          </li>
        </ul>
      )}
    </details>
  );
}

function sentences({ inputs, parts }: Health): string[] {
  const mean = (sum: number, count: number): string => (count === 0 ? "no score" : (sum / count).toFixed(1));
  const weights = parts.map(({ name, weight }) => `${NAMES[name].toLowerCase()} ${weight}`).join(", ");
  return [
    `Connection ${mean(inputs.connectionSum, inputs.connectionCount)} of 10 on average, satisfaction ${mean(inputs.satisfactionSum, inputs.satisfactionCount)}.`,
    `Both checked in on ${inputs.bothDays} of ${inputs.possibleDays} days.`,
    `${inputs.completedCount} of ${inputs.dueCount} plans and goals that fell due are done.`,
    `Weights: ${weights}.`,
  ];
}
