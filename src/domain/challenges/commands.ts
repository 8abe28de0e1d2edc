import { AppError } from "../../protocol/errors.ts";
import { requireLateDays } from "../checkins/rules.ts";
import { defineCommand } from "../command.ts";
import type { MemberContext } from "../context.ts";
import { notificationCreated } from "../inbox/notify.ts";
import { illegalTransition } from "../transitions.ts";
import { audience, countsForCouple } from "../visibility.ts";
import { requireOpenFor, writeEntry } from "./entries.ts";
import { toEntry } from "./entry-store.ts";
import {
  challengeAbandoned,
  challengeCompleted,
  challengeEntryLogged,
  challengePaused,
  challengeResumed,
  challengeStarted,
} from "./events.ts";
import { abandon, begin, complete, pause, requireParticipation, resume, share } from "./lifecycle.ts";
import { readProgress } from "./progress.ts";
import { queries } from "./queries.ts";
import { requireNotBeforeStart } from "./rules.ts";
import {
  completeInput,
  logEntryInput,
  loggedSchema,
  participationInput,
  participationSchema,
  restartInput,
  startInput,
  type Participation,
} from "./schema.ts";
import { saveParticipation, toParticipation, type ParticipationRow } from "./store.ts";

function shown(ctx: MemberContext, row: ParticipationRow): Participation {
  return toParticipation(row, ctx.members);
}

const logEntry = defineCommand({
  name: "challenges.log_entry",
  summary: "Write or edit my entry of a date; completes the challenge when everybody has done everything",
  input: logEntryInput,
  output: loggedSchema,
  events: [challengeEntryLogged, challengeCompleted],
  run(ctx, input) {
    const before = requireParticipation(ctx, input.participationId);
    requireLateDays(input.date, ctx.today, input.offline);
    requireNotBeforeStart(input.date, before.startDate);
    requireOpenFor(before, input.date);
    const entry = writeEntry(ctx, before, input);
    const progress = readProgress(ctx, before);
    const logged = {
      date: entry.date,
      completed: input.completed,
      isNew: entry.version === 1,
      progress: progress.couple,
    };
    ctx.emit(challengeEntryLogged, logged, audience(before, before.id));
    if (countsForCouple(ctx, before)) ctx.touch("perfect_days");
    let row = before;
    if (progress.isComplete) row = complete(ctx, before, null);
    else if (progress.couple !== before.progress) {
      row = saveParticipation(ctx.sql, { ...before, progress: progress.couple }, ctx.now);
    }
    return { entry: toEntry(entry), participation: shown(ctx, row), progress };
  },
});

const start = defineCommand({
  name: "challenges.start",
  summary: "Start a challenge from the catalogue",
  input: startInput,
  output: participationSchema,
  events: [challengeStarted, notificationCreated],
  run(ctx, input) {
    return shown(
      ctx,
      begin(ctx, input.challengeId, { date: input.startDate, isPrivate: input.private, restartOf: null }),
    );
  },
});

const restart = defineCommand({
  name: "challenges.restart",
  summary: "Start a completed or abandoned challenge again, as a new participation",
  input: restartInput,
  output: participationSchema,
  events: [challengeStarted, notificationCreated],
  run(ctx, input) {
    const over = requireParticipation(ctx, input.participationId);
    if (over.status !== "completed" && over.status !== "abandoned") throw illegalTransition(over.status);
    const wasPrivate = over.visibility === "private";
    const isPrivate = input.private ?? wasPrivate;
    // The partner must not learn from a new one that there was an earlier one of mine.
    const restartOf = wasPrivate && !isPrivate ? null : over.id;
    return shown(ctx, begin(ctx, over.challengeId, { date: input.startDate, isPrivate, restartOf }));
  },
});

const shareCommand = defineCommand({
  name: "challenges.share",
  summary: "Make an open challenge that I do for myself one of ours; cannot be undone",
  input: participationInput,
  output: participationSchema,
  events: [challengeStarted, notificationCreated],
  run(ctx, input) {
    return shown(ctx, share(ctx, requireParticipation(ctx, input.participationId)));
  },
});

const pauseCommand = defineCommand({
  name: "challenges.pause",
  summary: "Pause a challenge",
  input: participationInput,
  output: participationSchema,
  events: [challengePaused],
  run(ctx, input) {
    return shown(ctx, pause(ctx, requireParticipation(ctx, input.participationId)));
  },
});

const resumeCommand = defineCommand({
  name: "challenges.resume",
  summary: "Go on with a paused challenge; its target date moves by the pause",
  input: participationInput,
  output: participationSchema,
  events: [challengeResumed],
  run(ctx, input) {
    return shown(ctx, resume(ctx, requireParticipation(ctx, input.participationId)));
  },
});

const abandonCommand = defineCommand({
  name: "challenges.abandon",
  summary: "Give up a challenge",
  input: participationInput,
  output: participationSchema,
  events: [challengeAbandoned],
  run(ctx, input) {
    return shown(ctx, abandon(ctx, requireParticipation(ctx, input.participationId)));
  },
});

const completeCommand = defineCommand({
  name: "challenges.complete",
  summary: "Complete a challenge in which every member has done everything",
  input: completeInput,
  output: participationSchema,
  events: [challengeCompleted],
  run(ctx, input) {
    const before = requireParticipation(ctx, input.participationId);
    const progress = readProgress(ctx, before);
    if (!progress.isComplete) {
      const details = { current: before.status, progress: progress.couple };
      throw new AppError("illegal_transition", "Not everybody has done everything yet", details);
    }
    return shown(ctx, complete(ctx, before, input.notes ?? null));
  },
});

export const operations = [
  ...queries,
  start,
  shareCommand,
  logEntry,
  pauseCommand,
  resumeCommand,
  abandonCommand,
  restart,
  completeCommand,
];
