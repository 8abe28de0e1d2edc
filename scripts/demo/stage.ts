/** What an act plays on. */
export interface Stage {
  /** Where the server is. */
  origin: string;
  /** The folder of the server's state. */
  persistTo: string;
  /**
   * Plays one step and tells how it went. What it throws ends the act: later steps rest on earlier ones.
   * @param name says what is true when the step has passed
   */
  step<T>(name: string, play: () => Promise<T>): Promise<T>;
}

/** One story with its own people. Acts share a server and nothing else. */
export interface Act {
  name: string;
  title: string;
  play(stage: Stage): Promise<void>;
}

export interface StepReport {
  name: string;
  ok: boolean;
  ms: number;
}

export interface ActReport {
  name: string;
  ok: boolean;
  steps: StepReport[];
}

export interface ActResult {
  report: ActReport;
  /** What went wrong, or null. */
  failure: Error | null;
}

/** Plays one act up to its end or its first failure. */
export async function playAct(
  act: Act,
  server: Pick<Stage, "origin" | "persistTo">,
  onStep: (step: StepReport) => void,
): Promise<ActResult> {
  const steps: StepReport[] = [];
  const stage: Stage = {
    ...server,
    async step(name, play) {
      const startedAt = performance.now();
      let ok = false;
      try {
        const result = await play();
        ok = true;
        return result;
      } finally {
        const report = { name, ok, ms: Math.round(performance.now() - startedAt) };
        steps.push(report);
        onStep(report);
      }
    },
  };
  let failure: Error | null = null;
  try {
    await act.play(stage);
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
  }
  return { report: { name: act.name, ok: failure === null, steps }, failure };
}

const LOOK_EVERY_MS = 10;

/**
 * What `look` finds, as soon as it finds something.
 * @param look answers null as long as there is nothing
 * @throws Error when it found nothing within `withinMs`
 */
export async function eventually<T>(
  what: string,
  look: () => T | null | Promise<T | null>,
  withinMs = 5_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (Date.now() > deadline) throw new Error(`Waited ${withinMs} ms in vain: ${what}`);
    await new Promise((resume) => setTimeout(resume, LOOK_EVERY_MS));
  }
}
