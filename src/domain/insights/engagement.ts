/** The version that is answered and flushed when nobody asks for another. */
export const ENGAGEMENT_VERSION = 1;

/** Points of version 1 for each thing done on the day, and the most that each part gives. */
export const ENGAGEMENT_POINTS = {
  checkin: { each: 40, max: 40 },
  activities: { each: 10, max: 20 },
  challengeEntries: { each: 10, max: 20 },
  kindWords: { each: 5, max: 10 },
  opened: { each: 10, max: 10 },
} as const;

export type EngagementPartName = keyof typeof ENGAGEMENT_POINTS;
export const ENGAGEMENT_PARTS = ["checkin", "activities", "challengeEntries", "kindWords", "opened"] as const;

/** The rows of one member and day that count. */
export interface EngagementSources {
  userId: string;
  date: string;
  /** The id of that day's check-in. */
  checkinId: string | null;
  /** Whether that check-in says what its author is grateful for. */
  gratitude: boolean;
  /** Ids of activities that the member made and that were done on the day. */
  activities: readonly string[];
  /** Ids of completed challenge entries of the day. */
  challengeEntries: readonly string[];
  /** Ids of conversations of the day that the member recorded. */
  conversations: readonly string[];
  opened: boolean;
}

export type EngagementInputs = Record<EngagementPartName, number>;

export interface EngagementScore {
  version: number;
  score: number;
  parts: { name: EngagementPartName; count: number; points: number; max: number }[];
}

export function engagementInputs(sources: EngagementSources): EngagementInputs {
  return {
    checkin: sources.checkinId === null ? 0 : 1,
    activities: sources.activities.length,
    challengeEntries: sources.challengeEntries.length,
    kindWords: sources.conversations.length + (sources.gratitude ? 1 : 0),
    opened: sources.opened ? 1 : 0,
  };
}

/** Domain rule 13: no input ever lowers it. */
function engagementV1(inputs: EngagementInputs): EngagementScore {
  const parts = ENGAGEMENT_PARTS.map((name) => {
    const { each, max } = ENGAGEMENT_POINTS[name];
    return { name, count: inputs[name], points: Math.min(max, each * inputs[name]), max };
  });
  return { version: 1, score: parts.reduce((total, { points }) => total + points, 0), parts };
}

/** Version -> formula. One that was ever answered stays, so that every number can be had again. */
export const ENGAGEMENT_FORMULAS: Readonly<Record<number, (inputs: EngagementInputs) => EngagementScore>> = {
  1: engagementV1,
};
