import { render } from "preact";
import "../styles/base.css";
import "../styles/live.css";
import "../styles/invitation.css";
import { Page } from "./page.tsx";
import { Visitor } from "./visitor.ts";

const LOOK_EVERY_MS = 5_000;

/** The secret of the link. It stands behind the `#`, which browsers send to no server. */
function tokenOfAddress(): string | null {
  return new URLSearchParams(location.hash.slice(1)).get("token");
}

async function start(): Promise<void> {
  const root = document.getElementById("app");
  if (root === null) throw new Error("The page has no place for the app");
  const visitor = new Visitor();
  render(<Page visitor={visitor} />, root);
  window.addEventListener("hashchange", () => void visitor.open(tokenOfAddress()));
  // Back from the mailbox, the address is confirmed; back from anywhere, the other one may have answered.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void visitor.refresh();
  });
  setInterval(() => {
    if (visitor.isWaiting && document.visibilityState === "visible") void visitor.refresh();
  }, LOOK_EVERY_MS);
  await visitor.open(tokenOfAddress());
}

await start();
