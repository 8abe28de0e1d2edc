import type { VNode } from "preact";
import { Header } from "../header.tsx";
import { useStore } from "../use-store.ts";
import { Account, SignedInAs } from "./account.tsx";
import { Answer } from "./answer.tsx";
import { CodeForm } from "./code.tsx";
import { Title, type PartProps } from "./part.tsx";
import type { Visitor } from "./visitor.ts";
import { Confirmations, Received } from "./waiting.tsx";

/** Where two people find each other: by a link, by six digits, and by the yes of whoever gave them. */
export function Page({ visitor }: { visitor: Visitor }): VNode {
  const state = useStore(visitor);
  return (
    <>
      <Header current="invitation" />
      <main class="invitation coral">
        <Content visitor={visitor} state={state} />
      </main>
    </>
  );
}

function Content(props: PartProps): VNode {
  const { profile, relationship, outcome, token, preview, deadLink } = props.state;
  if (profile === undefined || (token !== null && preview === null && deadLink === null)) {
    return <p class="loading">One moment …</p>;
  }
  const partner = relationship?.members.length === 2 ? relationship.members.find(({ isMe }) => !isMe) : undefined;
  if (partner !== undefined) return <Joined name={partner.name} isNew={outcome === "joined"} {...props} />;
  if (outcome === "declined") return <Declined />;
  return (
    <>
      {profile !== null && <Confirmations {...props} />}
      {token === null ? <WithoutLink {...props} /> : <WithLink {...props} />}
    </>
  );
}

function WithLink({ visitor, state }: PartProps): VNode {
  const { deadLink, preview } = state;
  if (deadLink === null && preview !== null) return <Answer visitor={visitor} state={state} preview={preview} />;
  return (
    <section class="card">
      <Title>{deadLink?.title}</Title>
      <p>{deadLink?.text}</p>
      <div class="choices">
        <button type="button" class="plain" onClick={() => visitor.leaveLink()}>
          Type a code instead
        </button>
      </div>
    </section>
  );
}

function WithoutLink({ visitor, state }: PartProps): VNode {
  if (state.profile === null || state.profile === undefined) {
    return (
      <section class="card">
        <Title>Find each other</Title>
        <p>Sign in to type the six digits that your partner gave you, or to answer whoever typed yours.</p>
        <Account visitor={visitor} state={state} />
      </section>
    );
  }
  return (
    <>
      <Received received={state.received} />
      <section class="card">
        <Title>Find each other</Title>
        <p>Type the six digits that your partner sees. They will be asked whether it is you.</p>
        <CodeForm visitor={visitor} state={state} />
        <SignedInAs visitor={visitor} state={state} profile={state.profile} />
      </section>
    </>
  );
}

function Joined({ name, isNew, visitor, state }: PartProps & { name: string; isNew: boolean }): VNode {
  return (
    <section class="card joined" data-outcome="joined">
      <Rings />
      <Title>{isNew ? `You and ${name} are connected` : `You are with ${name} already`}</Title>
      <p>
        {isNew
          ? `${name} sees it at once. From now on you share one space, and each of you can leave it at any time.`
          : "You share a space for two, and nobody can be in more than one at once."}
      </p>
      {state.profile && <SignedInAs visitor={visitor} state={state} profile={state.profile} />}
    </section>
  );
}

function Declined(): VNode {
  return (
    <section class="card" data-outcome="declined">
      <Title>You said no</Title>
      <p>The invitation is closed, and nothing was shared. You can close this page.</p>
    </section>
  );
}

function Rings(): VNode {
  return (
    <svg class="rings" viewBox="5 2 30 20" width="75" height="50" aria-hidden="true">
      <circle class="brand-a" cx="15" cy="12" r="10" />
      <circle class="brand-b" cx="25" cy="12" r="10" />
    </svg>
  );
}
