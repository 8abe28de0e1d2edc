import type { VNode } from "preact";
import { Header } from "../header.tsx";
import { Pane } from "./pane.tsx";
import type { Partner } from "./partner.ts";
import { usePartner } from "./use-partner.ts";

interface PageProps {
  partners: readonly Partner[];
  /** Whether this is a development server, which could have a demo couple. */
  hasServer: boolean;
}

/** Both partners side by side; on a phone one below the other. */
export function Page({ partners, hasServer }: PageProps): VNode {
  const [first] = partners;
  return (
    <>
      <Header current="live" />
      {first === undefined ? (
        <NobodyHere hasServer={hasServer} />
      ) : (
        <>
          <Couple partner={first} names={partners.map(({ name }) => name)} />
          <nav class="jump" aria-label="Partners">
            {partners.map(({ name }) => (
              <a key={name} href={`#${name}`}>
                {name}
              </a>
            ))}
          </nav>
          <main class="panes">
            {partners.map((partner, index) => (
              <Pane key={partner.name} partner={partner} tone={index === 0 ? "coral" : "teal"} />
            ))}
          </main>
        </>
      )}
    </>
  );
}

/** What belongs to both, in one line. */
function Couple({ partner, names }: { partner: Partner; names: readonly string[] }): VNode {
  const dashboard = usePartner(partner).view?.dashboard;
  const facts = dashboard && [
    [dashboard.daysTogether?.toLocaleString("en") ?? "–", "days together"],
    ...(dashboard.streaks.ours === null ? [] : [[String(dashboard.streaks.ours.current), "days in a row"]]),
    [dashboard.points.toLocaleString("en"), "points"],
  ];
  return (
    <section class="couple" aria-label="The couple">
      <h1>{names.join(" & ")}</h1>
      <dl>
        {facts?.map(([value, label]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function NobodyHere({ hasServer }: { hasServer: boolean }): VNode {
  return (
    <main class="nobody">
      <h1>Nobody is here yet</h1>
      {hasServer ? (
        <>
          <p>This page shows two partners live, side by side, and this server has no demo couple. To make one:</p>
          <pre>
            <code>npm start -- --fresh</code>
          </pre>
          <p>It begins with an empty database, signs two people up, pairs them and gives them a month of history.</p>
        </>
      ) : (
        <p>The live page belongs to development servers. Here you find the reference of the API.</p>
      )}
      <p>
        <a class="button" href="/reference/">
          Open the API reference
        </a>
      </p>
    </main>
  );
}
