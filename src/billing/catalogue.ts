import { FREE_PHOTO_BYTES } from "../protocol/limits.ts";

export type PlanType = "free" | "try_it_out" | "better_together" | "premium_plus" | "custom";
export type PlanPeriod = "monthly" | "annual";
export type AddonType = "surprise_box" | "coaching" | "calendar_features" | "analytics" | "customization" | "content";
export type AddonPeriod = PlanPeriod | "one_time";

/** How much of something a couple may have at once; null is without limit. Existing things are never taken away. */
export interface PlanLimits {
  activeGoals: number | null;
  activeChallenges: number | null;
  plannedActivities: number | null;
  photoBytes: number;
}

/** What a plan opens and gives. Code asks for these, never for a plan's name. */
export interface PlanFeatures {
  limits: PlanLimits;
  dailyQuestion: boolean;
  healthScoreReasons: boolean;
  calendarFeed: boolean;
  /** Credits granted with each paid period; they lapse with it. */
  creditsPerPeriod: number;
  monthlyBox: boolean;
  /** Once per person and per couple. */
  trialDays: number;
}

interface Priced {
  id: string;
  name: string;
  priceCents: number;
  priceDisplay: string;
  /** ISO 4217. */
  currency: "USD";
}

export interface Plan extends Priced {
  type: PlanType;
  period: PlanPeriod;
  features: PlanFeatures;
}

export interface Addon extends Priced {
  type: AddonType;
  period: AddonPeriod;
  description: string;
}

/** `credits` is all that a buyer gets; `bonusPercent` is the price list's rounded saving per credit against the smallest pack. */
export interface CreditPack extends Priced {
  description: string;
  credits: number;
  bonusPercent: number;
}

const MEGABYTE = 1_000_000;

/** Whatever protects a person or their data is free, so it is not listed: nothing can switch it off. */
const FREE_FEATURES: PlanFeatures = {
  limits: { activeGoals: 1, activeChallenges: 1, plannedActivities: 5, photoBytes: FREE_PHOTO_BYTES },
  dailyQuestion: false,
  healthScoreReasons: false,
  calendarFeed: false,
  creditsPerPeriod: 0,
  monthlyBox: false,
  trialDays: 0,
};

const PAID_FEATURES: PlanFeatures = {
  limits: { activeGoals: null, activeChallenges: null, plannedActivities: null, photoBytes: 2_000 * MEGABYTE },
  dailyQuestion: true,
  healthScoreReasons: true,
  calendarFeed: true,
  creditsPerPeriod: 0,
  monthlyBox: false,
  trialDays: 14,
};

/** The specification's surprise credit of the annual plans. */
const ANNUAL_CREDITS = 150;

export const PLANS: readonly Plan[] = [
  {
    id: "plan_free",
    name: "Free",
    type: "free",
    period: "monthly",
    priceCents: 0,
    priceDisplay: "Free",
    currency: "USD",
    features: FREE_FEATURES,
  },
  {
    id: "plan_try_monthly",
    name: "Try It Out",
    type: "try_it_out",
    period: "monthly",
    priceCents: 3_000,
    priceDisplay: "$30 a month",
    currency: "USD",
    features: PAID_FEATURES,
  },
  {
    id: "plan_better_annual",
    name: "Better Together",
    type: "better_together",
    period: "annual",
    priceCents: 24_000,
    priceDisplay: "$240 a year ($20 a month)",
    currency: "USD",
    features: { ...PAID_FEATURES, creditsPerPeriod: ANNUAL_CREDITS },
  },
  {
    id: "plan_premium_annual",
    name: "Premium Plus",
    type: "premium_plus",
    period: "annual",
    priceCents: 28_900,
    priceDisplay: "$289 a year",
    currency: "USD",
    features: { ...PAID_FEATURES, creditsPerPeriod: ANNUAL_CREDITS, monthlyBox: true },
  },
];

export const ADDONS: readonly Addon[] = [
  {
    id: "addon_surprise_box",
    name: "Surprise box",
    type: "surprise_box",
    period: "monthly",
    description:
      "Each month a parcel for the two of you, with everything for one evening that you did not have to plan.",
    priceCents: 4_900,
    priceDisplay: "$49 a month",
    currency: "USD",
  },
  {
    id: "addon_coaching_virtual",
    name: "Coaching by video",
    type: "coaching",
    period: "one_time",
    description: "One session with a relationship coach by video call, for both of you or one of you.",
    priceCents: 8_900,
    priceDisplay: "$89 once",
    currency: "USD",
  },
  {
    id: "addon_coaching_person",
    name: "Coaching in person",
    type: "coaching",
    period: "one_time",
    description: "One session with a relationship coach in the same room, for both of you or one of you.",
    priceCents: 14_900,
    priceDisplay: "$149 once",
    currency: "USD",
  },
];

export const CREDIT_PACKS: readonly CreditPack[] = [
  {
    id: "credits_10",
    name: "10 credits",
    description: "To try it: a few messages and your first reservation.",
    credits: 10,
    bonusPercent: 0,
    priceCents: 499,
    priceDisplay: "$4.99",
    currency: "USD",
  },
  {
    id: "credits_25",
    name: "25 credits",
    description: "For an evening planned from the first message to the table.",
    credits: 25,
    bonusPercent: 20,
    priceCents: 999,
    priceDisplay: "$9.99",
    currency: "USD",
  },
  {
    id: "credits_50",
    name: "50 credits",
    description: "For a few months of surprises, small and not so small.",
    credits: 50,
    bonusPercent: 30,
    priceCents: 1_799,
    priceDisplay: "$17.99",
    currency: "USD",
  },
  {
    id: "credits_100",
    name: "100 credits",
    description: "For a whole year of gifts, tables and days out.",
    credits: 100,
    bonusPercent: 40,
    priceCents: 2_999,
    priceDisplay: "$29.99",
    currency: "USD",
  },
];
