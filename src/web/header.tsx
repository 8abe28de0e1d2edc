import type { VNode } from "preact";

/** Whether this is a development server: it listens on this machine alone, and only it has a demo couple and a mailbox. */
export const isDevelopment = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);

/** The line on top of every page. */
export function Header({ current }: { current: "live" | "reference" | "invitation" }): VNode {
  const link = (page: string, href: string, text: string): VNode => (
    <a href={href} aria-current={page === current ? "page" : undefined}>
      {text}
    </a>
  );
  return (
    <header class="top">
      <a class="brand" href="/">
        <svg viewBox="0 0 40 24" width="34" height="20" aria-hidden="true">
          <circle class="brand-a" cx="13" cy="12" r="10" />
          <circle class="brand-b" cx="27" cy="12" r="10" />
        </svg>
        Better Together
      </a>
      <nav aria-label="Pages">
        {link("live", "/", "Live")}
        {link("reference", "/reference/", "API reference")}
        {isDevelopment && link("mailbox", "/dev/mailbox", "Mailbox")}
      </nav>
    </header>
  );
}
