import type { Couple } from "../domain/couple.ts";
import { NOTIFICATION_MAIL } from "../domain/inbox/notify.ts";
import { ABSORB_TASK } from "../domain/parting/absorb.ts";
import { DESTROY, PARTING_END, STATUS_REPORT } from "../domain/parting/schedule-kinds.ts";
import type { LoggedEvent } from "../domain/events.ts";
import { FILES_TASK } from "../domain/photos/removal.ts";
import { absorbTask } from "./absorb-task.ts";
import { destroyTask } from "./destroy-task.ts";
import { filesTask } from "./files-task.ts";
import { mailTask } from "./mail-task.ts";
import { partingTask } from "./parting-task.ts";
import { statusTask } from "./status-task.ts";
import type { Sockets } from "./sockets.ts";

/** What a task can use. After it the object reads its rows again, so a task may write by statements of its own. */
export interface TaskParts {
  env: Env;
  couple: Couple;
  sockets: Sockets;
  storage: DurableObjectStorage;
  /** Sends committed events to the sockets that they concern. */
  broadcast(events: readonly LoggedEvent[]): void;
  /** Has the object destroyed, with everything in it, once the jobs that are due have had their turn. */
  vanish(): void;
}

/**
 * Work of the object's own schedule that waits for somebody else: D1, R2 or another object. It may run twice for one due
 * time, and others may write while it waits; so it claims by a row, waits, and looks again.
 * @returns when to run again (epoch milliseconds), or null when done
 * @throws whatever went wrong; it is tried again with back-off, and never given up
 */
export type Task = (parts: TaskParts, key: string, now: number) => Promise<number | null>;

/** Kind of job -> its task. */
const TASKS: Readonly<Record<string, Task>> = {
  [STATUS_REPORT]: statusTask,
  [PARTING_END]: partingTask,
  [ABSORB_TASK]: absorbTask,
  [DESTROY]: destroyTask,
  [FILES_TASK]: filesTask,
  [NOTIFICATION_MAIL]: mailTask,
};

export function findTask(kind: string): Task | null {
  return TASKS[kind] ?? null;
}
