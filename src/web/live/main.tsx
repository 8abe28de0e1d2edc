import { render } from "preact";
import type { DemoCouple } from "../../api-types.ts";
import "../styles/base.css";
import "../styles/live.css";
import { isDevelopment } from "../header.tsx";
import { Partner } from "./partner.ts";
import { Page } from "./page.tsx";

/** What the server tells of the demo couple; null outside development. */
async function findDemo(): Promise<DemoCouple | null> {
  if (!isDevelopment) return null;
  const response = await fetch("/api/dev/demo-couple");
  return response.ok ? ((await response.json()) as DemoCouple) : null;
}

async function start(): Promise<void> {
  const root = document.getElementById("app");
  if (root === null) throw new Error("The page has no place for the app");
  const demo = await findDemo();
  const { relationshipId } = demo ?? {};
  if (demo === null || !relationshipId) {
    render(<Page partners={[]} hasServer={demo !== null} />, root);
    return;
  }
  const partners = demo.members.map((member) => new Partner({ ...demo, relationshipId }, member));
  render(<Page partners={partners} hasServer />, root);
  document.addEventListener("visibilitychange", () => {
    for (const partner of partners) partner.setForeground(document.visibilityState === "visible");
  });
  await Promise.all(partners.map((partner) => partner.start()));
}

await start();
