import { Cable } from "./cable.ts";
import { CalendarClock } from "./calendar-clock.ts";
import { NORA, SAM, type Life } from "./life-cast.ts";
import { breakUp, comeBack, erase, partForGood, recount, standStill } from "./life-parting.ts";
import { aloneThenTogether } from "./life-pairing.ts";
import { askWhy, firstMonth, forget, makeThings, disagree } from "./life-together.ts";
import { Person } from "./person.ts";
import type { Act } from "./stage.ts";

/** A year of two people in a minute: two histories joined, a month of days, a pause, a break-up, a reunion, an erasure. */
export const life: Act = {
  name: "life",
  title: "A year of two people",
  async play(stage) {
    const clock = new CalendarClock(stage);
    // The local server leaves a closed socket's connection open, and Node then waits for its end; a cable hangs up.
    const cable = await Cable.to(stage.origin);
    const nora = new Person(cable.origin, NORA, clock.now);
    const sam = new Person(cable.origin, SAM, clock.now);
    try {
      const year: Life = {
        stage,
        clock,
        nora,
        sam,
        relationshipId: await aloneThenTogether({ stage, clock, nora, sam }),
      };
      for (const part of [firstMonth, askWhy, forget, makeThings, disagree, standStill]) await part(year);
      for (const part of [breakUp, comeBack, partForGood, recount, erase]) await part(year);
    } finally {
      nora.close();
      sam.close();
      await clock.reset();
      await cable.remove();
    }
  },
};
