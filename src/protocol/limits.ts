const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** A frame holds one command; the longest text of a command is 5,000 characters. */
export const FRAME_MAX_BYTES = 64 * 1024;
/** A batch carries what a phone collected offline. */
export const BATCH_FRAME_MAX_BYTES = 256 * 1024;
export const BATCH_MAX_COMMANDS = 100;
export const REQUEST_BODY_MAX_BYTES = 64 * 1024;
/** The one request that carries a file of text: years of entries from elsewhere. */
export const IMPORT_BODY_MAX_BYTES = 2 * 1024 * 1024;

export const SOCKETS_PER_MEMBER = 8;
/** Over-limit frames that are answered before the socket is closed. */
export const RATE_LIMIT_STRIKES = 20;

export const TICKET_TTL_MS = 60 * SECOND_MS;
/** A resume token outlives a night's sleep of the device, not a holiday. */
export const RESUME_TOKEN_TTL_MS = 24 * HOUR_MS;

/**
 * Presence: a client pings every 12 s, counts as gone 15 s after its last sign of life, and a foreground client asks at
 * most every 30 s. So nobody is shown as present later than 45 s after a silent loss.
 */
export const PING_INTERVAL_MS = 12 * SECOND_MS;
export const PRESENCE_FRESH_MS = 15 * SECOND_MS;
export const PRESENCE_POLL_MS = 30 * SECOND_MS;
/** A socket without any sign of life for this long makes room for a new one of the same member. */
export const SOCKET_STALE_MS = 2 * MINUTE_MS;

/** What cannot be taken back asks for a proof of identity that is not older than this. */
export const FRESH_SIGN_IN_MS = 10 * MINUTE_MS;

/** Of one photo. */
export const PHOTO_MAX_BYTES = 10_000_000;
/** What the free plan gives a couple for photos; their object counts by it until it hears of another plan. */
export const FREE_PHOTO_BYTES = 100_000_000;

/** Receipts live this long, and so an older command can no longer be told from a repeated one. */
export const COMMAND_MAX_AGE_MS = 45 * DAY_MS;
/** An object without plans is asked about once in the longest time that anything in it lives: that costs next to nothing. */
export const IDLE_WAKE_MS = COMMAND_MAX_AGE_MS;
export const COMMAND_MAX_AHEAD_MS = DAY_MS;

/** The event log keeps the longer of these two. */
export const LOG_KEEP_MS = 30 * DAY_MS;
export const LOG_KEEP_EVENTS = 2_000;
/** A client that missed more than this gets a snapshot, which is smaller. */
export const REPLAY_MAX_EVENTS = 500;
export const SNAPSHOT_MAX_BYTES = 256 * 1024;

export const PAGE_LIMIT_DEFAULT = 20;
export const PAGE_LIMIT_MAX = 100;
