import { render, type VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import "swagger-ui-dist/swagger-ui.css";
import "../styles/base.css";
import "../styles/reference.css";
import { uuidv7 } from "../../protocol/uuid.ts";
import { Header } from "../header.tsx";
import { Frames } from "./frames.tsx";

const TABS = [
  ["http", "HTTP"],
  ["socket", "Socket frames"],
  ["errors", "Errors"],
] as const;

type Tab = (typeof TABS)[number][0];

function tabOfAddress(): Tab {
  const wanted = new URLSearchParams(location.search).get("tab");
  return TABS.find(([tab]) => tab === wanted)?.[0] ?? "http";
}

/** The whole reference: HTTP by its OpenAPI document, the socket and the errors by the AsyncAPI document. */
function Reference(): VNode {
  const [tab, setTab] = useState(tabOfAddress());
  const show = (next: Tab): void => {
    setTab(next);
    history.replaceState(null, "", next === "http" ? location.pathname : `?tab=${next}`);
  };
  return (
    <>
      <Header current="reference" />
      <main class="reference">
        <div class="tabs" role="tablist" aria-label="Parts of the reference">
          {TABS.map(([name, label]) => (
            <button
              key={name}
              type="button"
              role="tab"
              id={`tab-${name}`}
              aria-selected={name === tab}
              aria-controls="panel"
              onClick={() => show(name)}
            >
              {label}
            </button>
          ))}
          <span class="sources quiet">
            <a href="/openapi.json">openapi.json</a> <a href="/asyncapi.json">asyncapi.json</a>
          </span>
        </div>
        <div id="panel" role="tabpanel" aria-labelledby={`tab-${tab}`}>
          {tab === "http" ? <Http /> : <Frames part={tab} />}
        </div>
      </main>
    </>
  );
}

interface OpenApi {
  components: { parameters: { IdempotencyKey: { example?: string } } };
}

/** The viewer is large, so that it is loaded when it is looked at. */
function Http(): VNode {
  const place = useRef<HTMLDivElement>(null);
  const [text, setText] = useState<string | null>("One moment …");
  useEffect(() => {
    const domNode = place.current;
    if (domNode === null) return;
    show(domNode, () => setText(null)).catch(() => setText("The document cannot be loaded at the moment."));
  }, []);
  return (
    <>
      {text !== null && <p class="quiet">{text}</p>}
      <div class="http" ref={place} />
    </>
  );
}

async function show(domNode: HTMLElement, onComplete: () => void): Promise<void> {
  const [{ default: SwaggerUI }, response] = await Promise.all([
    import("swagger-ui-dist/swagger-ui-es-bundle.js"),
    fetch("/openapi.json"),
  ]);
  const spec = (await response.json()) as OpenApi;
  // Whoever tries a command out need not make up a key: the one that is filled in stands for a new one each time.
  const prefilled = uuidv7(Date.now());
  spec.components.parameters.IdempotencyKey.example = prefilled;
  SwaggerUI({
    domNode,
    spec,
    requestInterceptor: (request) => {
      if (request.headers["idempotency-key"] === prefilled) request.headers["idempotency-key"] = uuidv7(Date.now());
      return request;
    },
    deepLinking: true,
    validatorUrl: null,
    docExpansion: "list",
    filter: true,
    tryItOutEnabled: true,
    defaultModelsExpandDepth: 0,
    onComplete,
  });
}

const root = document.getElementById("app");
if (root !== null) render(<Reference />, root);
