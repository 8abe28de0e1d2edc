import type { VNode } from "preact";
import { shownDay } from "./days.ts";
import type { CardProps } from "./pane.tsx";

const WIDTH = 300;
const HEIGHT = 92;
const PAD = 6;
const TOP = 12;
/** Room for the axis. */
const LEFT = 18;

/** The connection score of both over thirty days. A day without a score is a gap, not a zero. */
export function Connection({ state }: CardProps): VNode {
  const { trends } = state;
  const { averages, profile } = state.dashboard;
  const nameOf = (userId: string): string =>
    profile.members.find((member) => member.userId === userId)?.displayName ?? "";
  const lines = (trends?.members ?? []).toSorted(
    (a, b) => Number(b.userId === state.userId) - Number(a.userId === state.userId),
  );
  const summary = lines
    .map(({ userId, means }) => `${nameOf(userId)} ${means.connection?.toFixed(1) ?? "–"} on average`)
    .join(", ");
  return (
    <section class="card connection">
      <h3>
        Connection <span class="quiet">30 days</span>
      </h3>
      {trends !== null && (
        <svg
          class="spark"
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          role="img"
          aria-label={`Connection over 30 days: ${summary}`}
        >
          {[1, 5.5, 10].map((score) => (
            <line key={score} class="grid" x1={0} x2={WIDTH} y1={yOf(score)} y2={yOf(score)} />
          ))}
          <text class="axis" x={0} y={yOf(10) - 3}>
            10
          </text>
          <text class="axis" x={0} y={yOf(1) - 3}>
            1
          </text>
          {lines.map(({ userId, connection }) => (
            <Line
              key={userId}
              points={connection}
              dates={trends.dates}
              name={nameOf(userId)}
              mine={userId === state.userId}
            />
          ))}
        </svg>
      )}
      <ul class="legend">
        {lines.map(({ userId, means }) => (
          <li key={userId} class={userId === state.userId ? "mine" : "theirs"}>
            {userId === state.userId ? "Me" : nameOf(userId)} <strong>{means.connection?.toFixed(1) ?? "–"}</strong>
          </li>
        ))}
        <li class="quiet">
          last {averages.days} days, both <strong>{averages.both.connection?.toFixed(1) ?? "–"}</strong>
        </li>
      </ul>
    </section>
  );
}

interface LineProps {
  points: readonly (number | null)[];
  dates: readonly string[];
  name: string;
  mine: boolean;
}

function Line({ points, dates, name, mine }: LineProps): VNode {
  const xOf = (index: number): number => LEFT + (index / Math.max(1, points.length - 1)) * (WIDTH - LEFT - PAD);
  const last = points.findLastIndex((point) => point !== null);
  const lastScore = points[last];
  return (
    <g class={mine ? "mine" : "theirs"}>
      {runsOf(points).map((run) => (
        <polyline
          key={run[0]?.index}
          points={run.map(({ index, score }) => `${xOf(index).toFixed(1)},${yOf(score).toFixed(1)}`).join(" ")}
        />
      ))}
      {typeof lastScore === "number" && (
        <circle cx={xOf(last)} cy={yOf(lastScore)} r={3.5}>
          <title>{`${name}, ${shownDay(dates[last] ?? "")}: ${lastScore}`}</title>
        </circle>
      )}
    </g>
  );
}

function yOf(score: number): number {
  return HEIGHT - PAD - ((score - 1) / 9) * (HEIGHT - PAD - TOP);
}

interface Point {
  index: number;
  score: number;
}

/** Neighbouring days that have a score. A single day is a run of two equal points, so that it is seen. */
function runsOf(points: readonly (number | null)[]): Point[][] {
  const runs: Point[][] = [];
  let run: Point[] = [];
  for (const [index, score] of points.entries()) {
    if (score !== null) run.push({ index, score });
    if (score !== null && index < points.length - 1) continue;
    if (run.length === 1 && run[0] !== undefined) run.push({ ...run[0], index: run[0].index + 0.01 });
    if (run.length > 0) runs.push(run);
    run = [];
  }
  return runs;
}
