import { Cable } from "./cable.ts";
import { MIRA, THEO, type Day } from "./couple-cast.ts";
import { checkIn, earn, goOut, meet, takeChallenge } from "./couple-day.ts";
import { flush, keepOut, leave, loseLine, recount, repeat } from "./couple-line.ts";
import { Person } from "./person.ts";
import type { Act } from "./stage.ts";
import { Tally } from "./tally.ts";

/** A first day of two people, from the sign-up to the counters in D1. */
export const couple: Act = {
  name: "couple",
  title: "One couple's first day",
  async play(stage) {
    const cable = await Cable.to(stage.origin);
    const mira = new Person(stage.origin, MIRA);
    const theo = new Person(cable.origin, THEO);
    const cast = { mira, theo, cable, tally: new Tally() };
    try {
      const day: Day = { stage, ...cast, relationshipId: await meet(stage, cast) };
      for (const part of [checkIn, goOut, takeChallenge, earn, loseLine, repeat, keepOut, flush, recount, leave])
        await part(day);
    } finally {
      mira.close();
      theo.close();
      await cable.remove();
    }
  },
};
