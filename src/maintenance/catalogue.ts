import { ADDONS, CREDIT_PACKS, PLANS } from "../billing/catalogue.ts";
import type { CatalogueEntries } from "../db/catalogue.ts";
import { ACHIEVEMENTS } from "../domain/achievements/catalogue.ts";
import { CHALLENGES } from "../domain/challenges/catalogue.ts";
import { QUESTIONS } from "../domain/questions/catalogue.ts";

/** Everything that the seed writes to D1, from the same data that objects and billing use. */
export const CATALOGUE: CatalogueEntries = {
  challenges: CHALLENGES,
  achievements: ACHIEVEMENTS,
  plans: PLANS,
  addons: ADDONS,
  creditPacks: CREDIT_PACKS,
  questions: QUESTIONS,
};
