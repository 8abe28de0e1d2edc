import { env } from "cloudflare:workers";
import { expect, vi } from "vitest";
import { confirmAccepter } from "../../src/pairing/code-entry.ts";
import { createInvitation } from "../../src/pairing/issue.ts";
import { enterLink } from "../../src/pairing/link-entry.ts";
import type { Person } from "../support/people.ts";
import { alarm, ask, liveIdOf } from "./parting-steps.ts";

function requireSame(actual: unknown, wanted: unknown): void {
  expect(actual).toEqual(wanted);
}

/** Two who part and find each other again and again, and who has left whom by what they did. */
export class Walk {
  readonly #people: readonly [Person, Person, Person];
  /** Where the first two are together, or were. */
  readonly #spaces: string[];
  /** Who left whom since they last said yes to each other: "0>1". */
  readonly #left = new Set<string>();
  #together: string | null;

  constructor(people: readonly [Person, Person, Person], relationshipId: string) {
    this.#people = people;
    this.#spaces = [relationshipId];
    this.#together = relationshipId;
  }

  async step(draw: (below: number) => number): Promise<string> {
    vi.setSystemTime(Date.now() + 1_000);
    const who = draw(2) as 0 | 1;
    const deed = draw(4);
    if (deed === 0) return this.#repeat(draw);
    if (deed === 1) return this.#leave(who);
    return this.#together === null ? this.#takeLink(who, draw) : this.#leave(who);
  }

  /** In any space that they ever had somebody leaves, perhaps again, and its object says again what it knows. */
  async #repeat(draw: (below: number) => number): Promise<string> {
    const relationshipId = this.#spaces[draw(this.#spaces.length)] ?? "";
    await ask(this.#person(0), "POST", leaving(relationshipId), {});
    if (relationshipId === this.#together) this.#parted(0);
    // Whoever leaves what the other has left has left as well, unless both are somewhere else by now.
    else if (relationshipId === this.#spaces.at(-1)) this.#left.add("0>1");
    await alarm({ relationshipId });
    return `the first leaves space ${this.#spaces.indexOf(relationshipId)}`;
  }

  async #leave(who: 0 | 1): Promise<string> {
    const relationshipId = this.#spaces.at(-1) ?? "";
    requireSame((await ask(this.#person(who), "POST", leaving(relationshipId), {})).status, 200);
    await alarm({ relationshipId });
    this.#parted(who);
    return `${who} leaves`;
  }

  #parted(who: 0 | 1): void {
    this.#together = null;
    this.#left.add(`${who}>${1 - who}`);
  }

  /** `who` takes a link of the other's that was meant for somebody else. */
  async #takeLink(who: 0 | 1, draw: (below: number) => number): Promise<string> {
    const [accepter, inviter] = [this.#person(who), this.#person(who === 0 ? 1 : 0)];
    const { token, invitation } = await createInvitation(env, { ...inviter, timezone: "UTC" }, {}, Date.now());
    const { status } = await enterLink(env, accepter.userId, token, Date.now());
    const mustWait = this.#left.has(`${1 - who}>${who}`);
    requireSame(status, mustWait ? "awaiting_confirmation" : "accepted");
    if (mustWait) {
      requireSame((await liveIdOf(accepter.userId)) === (await liveIdOf(inviter.userId)), false);
      if (draw(2) === 0) return `${who} waits`;
      await confirmAccepter(env, inviter.userId, invitation.id, accepter.userId, Date.now());
    }
    this.#together = await liveIdOf(accepter.userId);
    requireSame(await liveIdOf(inviter.userId), this.#together);
    if (this.#together !== null) this.#spaces.push(this.#together);
    this.#left.clear();
    return `${who} and the other are together`;
  }

  /** Whoever is free joins a third person at once, which changes nothing between the two. */
  async meetThird(): Promise<void> {
    if (this.#together !== null) await this.#leave(1);
    const [first, , third] = this.#people;
    const { token } = await createInvitation(env, { ...third, timezone: "UTC" }, {}, Date.now());
    requireSame((await enterLink(env, first.userId, token, Date.now())).status, "accepted");
    await this.check();
  }

  /** The directory keeps away exactly whom it must; a third person is kept from nobody. */
  async check(): Promise<void> {
    const ids = this.#people.map(({ userId }) => userId);
    const { results } = await env.DB.prepare(
      "SELECT user_id, other_user_id FROM parted_pairs WHERE user_id IN (SELECT value FROM json_each(?))",
    )
      .bind(JSON.stringify(ids))
      .all<{ user_id: string; other_user_id: string }>();
    const kept = results.map((row) => `${ids.indexOf(row.user_id)}>${ids.indexOf(row.other_user_id)}`);
    requireSame(kept.toSorted(), [...this.#left].toSorted());
  }

  #person(who: 0 | 1): Person {
    return this.#people[who];
  }
}

const leaving = (relationshipId: string): string => `/relationships/${relationshipId}/commands/membership.leave`;
