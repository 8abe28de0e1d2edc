import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";

interface Message {
  name: string;
  summary: string;
  payload: unknown;
}

interface AsyncApi {
  info: { description: string };
  channels: { relationship: { address: string; description: string } };
  components: {
    messages: Record<string, Message>;
    schemas: Record<string, { description: string; properties: { data: unknown } }>;
  };
  "x-close-codes": { code: number; meaning: string }[];
  "x-limits": { limit: string; value: string }[];
  "x-errors": { code: string; status: number; retryable: boolean }[];
}

/** What `/asyncapi.json` says, for people. */
export function Frames({ part }: { part: "socket" | "errors" }): VNode {
  const [document, setDocument] = useState<AsyncApi | null>(null);
  const [isLost, setLost] = useState(false);
  useEffect(() => {
    const load = async (): Promise<void> => setDocument((await (await fetch("/asyncapi.json")).json()) as AsyncApi);
    load().catch(() => setLost(true));
  }, []);
  if (isLost) return <p>The document cannot be loaded at the moment.</p>;
  if (document === null) return <p class="quiet">One moment …</p>;
  return part === "socket" ? <SocketPart document={document} /> : <ErrorPart document={document} />;
}

function SocketPart({ document }: { document: AsyncApi }): VNode {
  const { channels, components, info } = document;
  const messages = Object.entries(components.messages);
  const ofSide = (side: string): [string, Message][] => messages.filter(([name]) => name.startsWith(side));
  return (
    <article class="frames">
      <h1>One socket, both ways</h1>
      <p>
        <code>GET {channels.relationship.address}</code>
      </p>
      <p>{channels.relationship.description}.</p>
      <p>
        <Prose text={info.description} />
      </p>
      <h2>What a client sends</h2>
      <MessageList messages={ofSide("client.")} />
      <h2>What the server sends</h2>
      <MessageList messages={ofSide("server.")} />
      <h2>Events</h2>
      <p>
        The log carries ids and facts, never what somebody wrote. Each event is in the couple's stream or in one
        member's own.
      </p>
      <ul class="entries">
        {Object.entries(components.schemas).map(([name, { description, properties }]) => (
          <Entry key={name} name={name.replace("event.", "")} summary={description} schema={properties.data} />
        ))}
      </ul>
      <CloseCodes document={document} />
      <Limits document={document} />
    </article>
  );
}

function CloseCodes({ document }: { document: AsyncApi }): VNode {
  return (
    <>
      <h2>Close codes</h2>
      <table>
        <thead>
          <tr>
            <th>Code</th>
            <th>Meaning</th>
          </tr>
        </thead>
        <tbody>
          {document["x-close-codes"].map(({ code, meaning }) => (
            <tr key={code}>
              <td>
                <code>{code}</code>
              </td>
              <td>{meaning}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function Limits({ document }: { document: AsyncApi }): VNode {
  return (
    <>
      <h2>Limits</h2>
      <table>
        <tbody>
          {document["x-limits"].map(({ limit, value }) => (
            <tr key={limit}>
              <th scope="row">{limit}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function MessageList({ messages }: { messages: readonly [string, Message][] }): VNode {
  return (
    <ul class="entries">
      {messages.map(([key, { name, summary, payload }]) => (
        <Entry key={key} name={name} summary={summary} schema={payload} />
      ))}
    </ul>
  );
}

function Entry({ name, summary, schema }: { name: string; summary: string; schema: unknown }): VNode {
  return (
    <li>
      <details>
        <summary>
          <code>{name}</code>{" "}
          <span>
            <Prose text={summary} />
          </span>
        </summary>
        <pre>
          <code>{JSON.stringify(schema, null, 2)}</code>
        </pre>
      </details>
    </li>
  );
}

/** Text in which names stand between backticks. */
function Prose({ text }: { text: string }): VNode {
  return <>{text.split("`").map((part, index) => (index % 2 === 0 ? part : <code key={index}>{part}</code>))}</>;
}

function ErrorPart({ document }: { document: AsyncApi }): VNode {
  return (
    <article class="frames">
      <h1>Errors</h1>
      <p>
        Every refusal, over HTTP and over the socket, is{" "}
        <code>{"{ error: { code, message, details?, retryable } }"}</code>. Rely on the code: the message is for
        developers and may change. <code>details.issues</code> names each wrong field and never repeats its value.
      </p>
      <table class="errors">
        <thead>
          <tr>
            <th>Code</th>
            <th>HTTP</th>
            <th>May succeed later</th>
          </tr>
        </thead>
        <tbody>
          {document["x-errors"].map(({ code, status, retryable }) => (
            <tr key={code}>
              <td>
                <code>{code}</code>
              </td>
              <td>{status}</td>
              <td>{retryable ? "yes" : "no"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </article>
  );
}
