import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import type { CardProps } from "./pane.tsx";

const CELEBRATION_MS = 9_000;
const SPARKS = 14;

/** All badges: those earned in colour, the others with how far they are. */
export function Badges({ state }: CardProps): VNode {
  const earned = state.badges.filter(({ isEarned }) => isEarned);
  const shown = [
    ...earned.toSorted((a, b) => (b.earnedAt ?? 0) - (a.earnedAt ?? 0)),
    ...state.badges.filter(({ isEarned }) => !isEarned),
  ];
  return (
    <section class="card badges">
      <h3>
        Badges{" "}
        <span class="quiet">
          {earned.length} of {state.badges.length} · {state.dashboard.points.toLocaleString("en")} points
        </span>
      </h3>
      <ul>
        {shown.map((badge) => (
          <li key={badge.id} class={badge.isEarned ? "earned" : "open"} title={badge.description} data-badge={badge.id}>
            <Medal share={badge.progress / badge.threshold} />
            <span>{badge.name}</span>
            <span class="quiet">{badge.isEarned ? `+${badge.points}` : `${badge.progress} of ${badge.threshold}`}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

const CIRCUMFERENCE = 2 * Math.PI * 14;

/** A ring that closes with the progress. */
function Medal({ share }: { share: number }): VNode {
  return (
    <svg class="medal" viewBox="0 0 36 36" width="36" height="36" aria-hidden="true">
      <circle class="rim" cx="18" cy="18" r="14" />
      <circle
        class="ring"
        cx="18"
        cy="18"
        r="14"
        stroke-dasharray={`${Math.min(1, share) * CIRCUMFERENCE} ${CIRCUMFERENCE}`}
        transform="rotate(-90 18 18)"
      />
      <path class="star" d="m18 10 2.3 4.9 5.3.7-3.9 3.7 1 5.3-4.7-2.6-4.7 2.6 1-5.3-3.9-3.7 5.3-.7z" />
    </svg>
  );
}

/** A moment for badges that were earned just now. */
export function Celebration({ partner, state }: CardProps): VNode | null {
  const { celebrating } = state;
  useEffect(() => {
    if (celebrating.length === 0) return undefined;
    const timer = setTimeout(() => partner.dismissCelebration(), CELEBRATION_MS);
    return () => clearTimeout(timer);
  }, [partner, celebrating]);
  if (celebrating.length === 0) return null;
  const badges = state.badges.filter(({ id }) => celebrating.includes(id));
  return (
    <div class="celebration" role="status">
      <span class="sparks" aria-hidden="true">
        {Array.from({ length: SPARKS }, (_, index) => (
          <i key={index} style={`--angle:${(360 / SPARKS) * index}deg;--far:${60 + ((index * 37) % 50)}px`} />
        ))}
      </span>
      <Medal share={1} />
      <p>
        <strong>{badges.length > 1 ? "New badges" : "New badge"}</strong>
        <br />
        {badges.map(({ name }) => name).join(", ") || "Well done"}
      </p>
      <button type="button" class="small" onClick={() => partner.dismissCelebration()}>
        Nice
      </button>
    </div>
  );
}
