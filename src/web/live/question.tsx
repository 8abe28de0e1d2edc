import type { TargetedSubmitEvent, VNode } from "preact";
import { useState } from "preact/hooks";
import type { CardProps } from "./pane.tsx";

/** What one of the two may know of today's answers. */
type Standing = "nobody" | "mine is sealed" | "theirs is sealed" | "open";

function standingOf({ mine, partner }: CardProps["state"]["question"]): Standing {
  if (mine !== null && partner !== null && partner.text !== null) return "open";
  if (mine !== null) return "mine is sealed";
  return partner?.hasAnswered === true ? "theirs is sealed" : "nobody";
}

/** The question of the couple's day. Nobody reads an answer before both have given one. */
export function Question({ partner, state }: CardProps): VNode | null {
  const { question: day, dashboard } = state;
  if (day.question === null) return null;
  const other = dashboard.profile.members.find(({ userId }) => userId !== state.userId)?.displayName ?? "Your partner";
  const standing = standingOf(day);
  return (
    <section class="card question" data-question={standing}>
      <h3>
        Question of the day <span class="quiet">{day.question.category}</span>
      </h3>
      <p class="asked">{day.question.question}</p>
      {day.mine === null ? (
        <AnswerForm partner={partner} day={day} hint={hintOf(standing, other)} />
      ) : (
        <div class="answers">
          <blockquote class="mine">
            <span class="sr">My answer: </span>
            {day.mine.text}
          </blockquote>
          {standing === "open" ? (
            <blockquote class="theirs">
              <span class="sr">{other}'s answer: </span>
              {day.partner?.text}
            </blockquote>
          ) : (
            <p class="sealed">
              <Seal /> {day.mine.isShown ? `${other} may read it already` : `Sealed until ${other} has answered`}
            </p>
          )}
        </div>
      )}
    </section>
  );
}

function hintOf(standing: Standing, other: string): string {
  if (standing === "theirs is sealed") return `${other} has answered. Yours opens both.`;
  return "Sealed until both of you have answered.";
}

interface FormProps extends Pick<CardProps, "partner"> {
  day: CardProps["state"]["question"];
  hint: string;
}

function AnswerForm({ partner, day, hint }: FormProps): VNode {
  const [text, setText] = useState("");
  const answer = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const questionId = day.question === null ? {} : { questionId: day.question.id };
    await partner.command("questions.answer", { date: day.date, ...questionId, text });
  };
  return (
    <form class="answer" onSubmit={(event) => void answer(event)}>
      <textarea
        rows={2}
        required
        maxLength={2_000}
        aria-label="My answer"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <div class="row">
        <span class="sealed">
          <Seal /> {hint}
        </span>
        <button type="submit">Answer</button>
      </div>
    </form>
  );
}

function Seal(): VNode {
  return (
    <svg class="seal" viewBox="0 0 16 16" width="15" height="15" aria-hidden="true">
      <rect x="2.5" y="7" width="11" height="7.5" rx="2" />
      <path d="M5 7V5a3 3 0 0 1 6 0v2" />
    </svg>
  );
}
