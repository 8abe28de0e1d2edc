import type { Couple } from "../domain/couple.ts";
import type { Dispatcher } from "../domain/dispatch.ts";
import { COUPLE_STREAM, messagesJson, type LoggedEvent } from "../domain/events.ts";
import { listEventsAfter } from "../domain/store.ts";
import { assert } from "../lib/assert.ts";
import type { Cursors } from "../protocol/frames.ts";
import { REPLAY_MAX_EVENTS } from "../protocol/limits.ts";

/** What a client missed: the events after its cursors, or a snapshot when the log no longer reaches back to them. */
export class CatchUp {
  readonly #couple: Couple;
  readonly #dispatcher: Dispatcher;

  constructor(couple: Couple, dispatcher: Dispatcher) {
    this.#couple = couple;
    this.#dispatcher = dispatcher;
  }

  /** The fields `cursors` and `events` or `snapshot` of a `ready` or `synced` frame, as JSON without braces. */
  fields(userId: string, from: Cursors | null, now: number): string {
    const events = from === null ? null : this.#missed(userId, from);
    const cursors: Cursors = {
      epoch: this.#couple.relationship.epoch,
      couple: this.#couple.head(COUPLE_STREAM),
      own: this.#couple.head(userId),
    };
    const head = `"cursors":${JSON.stringify(cursors)}`;
    return events === null
      ? `${head},"snapshot":${this.#snapshot(userId, now)}`
      : `${head},"events":${messagesJson(events)}`;
  }

  #missed(userId: string, from: Cursors): LoggedEvent[] | null {
    if (from.epoch !== this.#couple.relationship.epoch) return null;
    const couple = this.#missedOf(COUPLE_STREAM, from.couple);
    const own = this.#missedOf(userId, from.own);
    if (couple === null || own === null || couple.length + own.length > REPLAY_MAX_EVENTS) return null;
    return [...couple, ...own];
  }

  #missedOf(stream: string, cursor: number): LoggedEvent[] | null {
    const head = this.#couple.head(stream);
    if (cursor > head) return null;
    if (cursor === head) return [];
    const events = listEventsAfter(this.#couple.sql, stream, cursor, REPLAY_MAX_EVENTS + 1);
    return events[0]?.seq === cursor + 1 ? events : null;
  }

  #snapshot(userId: string, now: number): string {
    const outcome = this.#dispatcher.dispatch({
      kind: "query",
      name: "insights.snapshot",
      input: {},
      userId,
      signedInAt: 0,
      commandId: null,
      now,
    });
    assert(outcome.ok, "a member can read the snapshot");
    return JSON.stringify((JSON.parse(outcome.json) as { data: unknown }).data);
  }
}
