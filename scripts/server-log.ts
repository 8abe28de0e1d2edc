import { stripVTControlCharacters } from "node:util";

const KEPT_LINES = 300;
const ERROR_START = /\[ERROR\]|\[wrangler:error\]|✘/;

/**
 * What a local server says. Everything is kept for a while, for the moment in which something goes wrong; shown is only
 * what a developer must see: our own warnings and errors, and the errors of the tools.
 */
export class ServerLog {
  readonly #lines: string[] = [];
  readonly #show: (line: string) => void;
  // The lines of an exception follow its first one up to the next empty line.
  #insideError = false;
  #muted = false;

  constructor(show: (line: string) => void) {
    this.#show = show;
  }

  add(raw: string): void {
    const line = stripVTControlCharacters(raw).trimEnd();
    if (this.#muted) return;
    if (line !== "") this.#lines.push(line);
    if (this.#lines.length > KEPT_LINES) this.#lines.shift();
    const own = ownLogLine(line);
    if (own !== null) {
      this.#insideError = false;
      if (own.level !== "info") this.#show(own.text);
    } else if (line === "") {
      this.#insideError = false;
    } else if (this.#insideError || ERROR_START.test(line)) {
      this.#insideError = true;
      this.#show(line);
    }
  }

  /** While the server is being stopped, its tools complain about each other's end. */
  mute(): void {
    this.#muted = true;
  }

  tail(count: number): string[] {
    return this.#lines.slice(-count);
  }
}

/** A structured line of ours as people read it, or null for a line of somebody else. */
function ownLogLine(line: string): { level: string; text: string } | null {
  const start = line.indexOf('{"level":"');
  if (start === -1) return null;
  try {
    const { level, event, ...fields } = JSON.parse(line.slice(start)) as Record<string, unknown>;
    const facts = Object.entries(fields).map(([name, value]) => `${name}=${String(value)}`);
    return { level: String(level), text: [String(level), String(event), ...facts].join(" ") };
  } catch {
    // Cut in the middle, or only looks like one of ours.
    return null;
  }
}
