import type { TargetedSubmitEvent, VNode } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import { shownDay } from "./days.ts";
import type { CardProps } from "./pane.tsx";

const SCORES = [
  ["connection", "Connection", "far apart", "very close"],
  ["mood", "Mood", "low", "bright"],
  ["satisfaction", "Satisfaction", "not at all", "entirely"],
] as const;

type Scores = Record<(typeof SCORES)[number][0], number>;
type Mine = CardProps["state"]["dashboard"]["checkins"]["mine"];

interface Draft {
  scores: Scores;
  note: string;
  isPrivate: boolean;
}

const MIDDLE: Scores = { connection: 6, mood: 6, satisfaction: 6 };

/** What the form says; begins where an earlier check-in of the day ended, also one of another device. */
function useDraft(mine: Mine): [Draft, (change: Partial<Draft>) => void] {
  const [draft, setDraft] = useState<Draft>({ scores: MIDDLE, note: "", isPrivate: false });
  useEffect(() => {
    if (mine === null) return;
    const { connection, mood, satisfaction, gratitudeNote, notesPrivate } = mine;
    setDraft({
      scores: {
        connection: connection ?? MIDDLE.connection,
        mood: mood ?? MIDDLE.mood,
        satisfaction: satisfaction ?? MIDDLE.satisfaction,
      },
      note: gratitudeNote ?? "",
      isPrivate: notesPrivate ?? false,
    });
  }, [mine?.id, mine?.version]);
  return [draft, (change) => setDraft((before) => ({ ...before, ...change }))];
}

/** Today's check-in: three scores and a note. Sent again it is an edit. */
export function CheckinForm({ partner, state }: CardProps): VNode {
  const { today, checkins } = state.dashboard;
  const [{ scores, note, isPrivate }, change] = useDraft(checkins.mine);
  const [isSending, setSending] = useState(false);
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    setSending(true);
    const gratitudeNote = note.trim() === "" ? null : note;
    const version = checkins.mine?.version ?? undefined;
    const said = { date: today, ...scores, gratitudeNote, notesPrivate: isPrivate };
    await partner.command("checkins.submit", version === undefined ? said : { ...said, version });
    setSending(false);
  };
  return (
    <form class="card checkin" onSubmit={(event) => void submit(event)}>
      <h3>
        Today <span class="quiet">{shownDay(today)}</span>
      </h3>
      {SCORES.map(([field]) => (
        <Slider
          key={field}
          field={field}
          value={scores[field]}
          onChange={(value) => change({ scores: { ...scores, [field]: value } })}
        />
      ))}
      <label class="note">
        <span>Grateful for</span>
        <textarea
          name="gratitudeNote"
          rows={2}
          maxLength={500}
          placeholder="Something small is enough"
          value={note}
          onInput={(event) => change({ note: event.currentTarget.value })}
        />
      </label>
      <div class="row">
        <label class="check">
          <input
            type="checkbox"
            checked={isPrivate}
            onChange={(event) => change({ isPrivate: event.currentTarget.checked })}
          />
          Keep the note to myself
        </label>
        <button type="submit" disabled={isSending}>
          {checkins.mine === null ? "Check in" : "Update"}
        </button>
      </div>
      <Theirs state={state} />
    </form>
  );
}

interface SliderProps {
  field: keyof Scores;
  value: number;
  onChange: (value: number) => void;
}

function Slider({ field, value, onChange }: SliderProps): VNode {
  const [, label, low, high] = SCORES.find(([name]) => name === field) ?? SCORES[0];
  const id = useId();
  return (
    <div class="slider">
      <label for={id}>{label}</label>
      <output for={id}>{value}</output>
      <input
        id={id}
        type="range"
        name={field}
        min={1}
        max={10}
        value={value}
        style={`--share:${((value - 1) / 9) * 100}%`}
        aria-valuetext={`${value} of 10, from ${low} to ${high}`}
        onInput={(event) => onChange(Number(event.currentTarget.value))}
      />
    </div>
  );
}

/** What the partner said of that partner's own today. */
function Theirs({ state }: Pick<CardProps, "state">): VNode | null {
  const { checkins, profile } = state.dashboard;
  const other = profile.members.find(({ userId }) => userId !== state.userId);
  if (other === undefined) return null;
  const theirs = checkins.partner;
  return (
    <p class="theirs" data-partner-checkin={theirs === null ? "open" : "done"}>
      {theirs === null ? (
        `${other.displayName} has not checked in today`
      ) : (
        <>
          <strong>{other.displayName}</strong> {summaryOf(theirs)}
          {theirs.gratitudeNote !== null && <q>{theirs.gratitudeNote}</q>}
        </>
      )}
    </p>
  );
}

function summaryOf(checkin: Partial<Record<keyof Scores, number | null>>): string {
  const said = SCORES.flatMap(([field, label]) => {
    const score = checkin[field];
    return score === null || score === undefined ? [] : [`${label.toLowerCase()} ${score}`];
  });
  return said.length === 0 ? "checked in" : said.join(", ");
}
