/** The version that the pinned SDK speaks; a test holds the two together. */
export const API_VERSION = "2026-10-28.endive";
