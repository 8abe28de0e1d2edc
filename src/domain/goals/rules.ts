import { AppError } from "../../protocol/errors.ts";
import { illegalTransition, type Moves } from "../transitions.ts";
import type { GoalStatus } from "./schema.ts";

/** A completed goal may be opened again; a cancelled one stays cancelled. */
export const GOAL_MOVES: Moves<GoalStatus> = {
  active: ["paused", "completed", "cancelled"],
  paused: ["active", "completed", "cancelled"],
  completed: ["active"],
  cancelled: [],
};

interface Counted {
  status: GoalStatus;
  progress: number;
  targetCount: number;
}

/**
 * What a step of `delta` makes of a goal. Steps on a completed goal still count, so that two partners who count at the
 * same time lose nothing; they do not complete it again. Only a step forward completes: a goal that was reopened above
 * its target stays open while steps are taken back.
 * @throws AppError `illegal_transition` when the goal is paused or cancelled, or completed and would fall below its
 *   target, for which it has to be reopened; `invalid_input` below zero
 */
export function progressed(goal: Counted, delta: number): { progress: number; completes: boolean } {
  if (goal.status !== "active" && goal.status !== "completed") throw illegalTransition(goal.status);
  const progress = goal.progress + delta;
  if (progress < 0) {
    throw new AppError("invalid_input", "Progress cannot fall below zero", {
      issues: [{ path: "delta", message: "Takes away more than there is" }],
    });
  }
  const isReached = progress >= goal.targetCount;
  if (goal.status === "completed" && delta < 0 && !isReached) throw illegalTransition(goal.status);
  return { progress, completes: goal.status === "active" && delta > 0 && isReached };
}

/** Whether lowering the target to `targetCount` makes an open goal a reached one. A reopened goal is left as it is. */
export function reachedByEdit(goal: Counted, targetCount: number): boolean {
  const isOpen = goal.status === "active" || goal.status === "paused";
  return isOpen && targetCount < goal.targetCount && goal.progress >= targetCount;
}

/** @throws AppError `invalid_input` when the goal would end before it starts */
export function requireOrder(startDate: string, targetDate: string | null): void {
  if (targetDate === null || targetDate >= startDate) return;
  throw new AppError("invalid_input", "A goal cannot end before it starts", {
    issues: [{ path: "targetDate", message: "Must not be before the start date" }],
  });
}
