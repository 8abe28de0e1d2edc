import type { TargetedSubmitEvent, VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { OutputOf } from "../../client/operations.ts";
import type { CardProps } from "./pane.tsx";

type Catalogue = OutputOf<"challenges.catalogue">["items"];
type Running = OutputOf<"insights.dashboard">["challenges"][number];

/** The challenge that runs, with today's entry, or a choice of one to start. */
export function Challenge({ partner, state }: CardProps): VNode {
  const [catalogue, setCatalogue] = useState<Catalogue>([]);
  useEffect(() => {
    partner.listChallenges().then(setCatalogue, () => setCatalogue([]));
  }, [partner]);
  const [running] = state.dashboard.challenges;
  return (
    <section class="card challenge">
      <h3>Challenge</h3>
      {running === undefined ? (
        <Choice partner={partner} catalogue={catalogue} />
      ) : (
        <Progress partner={partner} state={state} running={running} catalogue={catalogue} />
      )}
    </section>
  );
}

function Choice({ partner, catalogue }: Pick<CardProps, "partner"> & { catalogue: Catalogue }): VNode {
  const [chosen, setChosen] = useState(0);
  const challenge = catalogue[chosen];
  const start = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    if (challenge !== undefined) await partner.command("challenges.start", { challengeId: challenge.id });
  };
  return (
    <form onSubmit={(event) => void start(event)}>
      <div class="row">
        <select
          aria-label="Challenge"
          value={chosen}
          onChange={(event) => setChosen(Number(event.currentTarget.value))}
        >
          {catalogue.map(({ id, name }, index) => (
            <option key={id} value={index}>
              {name}
            </option>
          ))}
        </select>
        <button type="submit">Start</button>
      </div>
      <p class="quiet">{challenge?.description ?? " "}</p>
    </form>
  );
}

interface ProgressProps extends CardProps {
  running: Running;
  catalogue: Catalogue;
}

function Progress({ partner, state, running, catalogue }: ProgressProps): VNode {
  const { participation, progress, today } = running;
  const challenge = catalogue.find(({ id }) => id === participation.challengeId);
  const mine = today.find(({ userId }) => userId === state.userId);
  const isMe = ({ userId }: { userId: string }): boolean => userId === state.userId;
  const members = progress.members.toSorted((a, b) => Number(isMe(b)) - Number(isMe(a)));
  const [content, setContent] = useState("");
  const write = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const written = await partner.writeEntry(participation.id, state.dashboard.today, content.trim());
    if (written) setContent("");
  };
  return (
    <>
      <p>
        <strong>{challenge?.name ?? " "}</strong>
      </p>
      <ul class="bars">
        {members.map(({ userId, done, expected, percent }) => (
          <li key={userId} class={userId === state.userId ? "mine" : "theirs"}>
            <span>{userId === state.userId ? "Me" : partner.nameOf(userId)}</span>
            <progress max={100} value={percent} aria-label={`${partner.nameOf(userId)}: ${percent} %`} />
            <span class="quiet">
              {done}/{expected}
            </span>
          </li>
        ))}
      </ul>
      <form class="entry" onSubmit={(event) => void write(event)}>
        <input
          name="entry"
          maxLength={5_000}
          placeholder={mine?.completed === true ? "Today is done; add to it" : "A line about today, if you like"}
          aria-label="Entry of today"
          value={content}
          onInput={(event) => setContent(event.currentTarget.value)}
        />
        <button type="submit">{mine?.completed === true ? "Edit entry" : "Done today"}</button>
      </form>
    </>
  );
}
