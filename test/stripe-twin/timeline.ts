import { expireSession } from "./checkout-sessions.ts";
import { DAY_SECONDS, HOUR_SECONDS } from "./clock.ts";
import { attemptPayment } from "./invoice-life.ts";
import { dropPending } from "./pending-updates.ts";
import { collect, renew } from "./renewals.ts";
import type { InvoiceRow, ScheduleRow, SubscriptionRow } from "./rows.ts";
import { advanceSchedule } from "./schedules.ts";
import { endSubscription, expireIncomplete } from "./subscription-life.ts";
import { change, emit, type World } from "./world.ts";

/** Something that time alone will do. Of what is due at the same second, the lower rank comes first. */
interface Due {
  at: number;
  rank: number;
  run: () => void;
}

const INCOMPLETE_SECONDS = 23 * HOUR_SECONDS;
const TRIAL_NOTICE_SECONDS = 3 * DAY_SECONDS;
const PATIENCE_SECONDS = 72 * HOUR_SECONDS;
// A mistake here would otherwise be a hanging test.
const MAX_STEPS = 100_000;

/**
 * Does everything that is due until `target`, each thing at its own moment.
 * @param testClock the clock whose objects live through it; null for all that have none
 * @param setTime tells that clock what time it is
 */
export function liveUntil(
  world: World,
  testClock: string | null,
  target: number,
  setTime: (seconds: number, work: () => void) => void,
): void {
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const next = nextDue(world, testClock, target);
    for (const due of next) setTime(due.at, due.run);
    if (next.length === 0) return;
  }
  throw new Error("The twin's time does not come to an end");
}

// All that comes next at one second and of one rank: such things are each about another object, so none undoes another.
function nextDue(world: World, testClock: string | null, target: number): Due[] {
  let next: Due[] = [];
  for (const due of allDue(world, testClock)) {
    const [first] = next;
    if (due.at > target) continue;
    const order = first === undefined ? -1 : due.at - first.at || due.rank - first.rank;
    if (order < 0) next = [due];
    else if (order === 0) next.push(due);
  }
  return next;
}

function* allDue(world: World, testClock: string | null): Iterable<Due> {
  const { store } = world;
  for (const row of store.subscriptions.values()) {
    if (row.test_clock === testClock && row.status !== "canceled") yield* dueOfSubscription(world, row);
  }
  for (const row of store.schedules.values()) {
    if (row.test_clock === testClock && row.status === "active") yield* dueOfSchedule(world, row);
  }
  for (const row of store.invoices.values()) {
    if (row.test_clock === testClock) yield* dueOfInvoice(world, row);
  }
  // Checkout sessions have no test clock, whoever their customer is.
  if (testClock !== null) return;
  for (const row of store.sessions.values()) {
    if (row.status === "open") {
      yield { at: row.expires_at, rank: 0, run: () => expireSession(world, row) };
    }
  }
}

function* dueOfSubscription(world: World, row: SubscriptionRow): Iterable<Due> {
  if (row.status === "incomplete") {
    yield { at: row.created + INCOMPLETE_SECONDS, rank: 0, run: () => expireIncomplete(world, row) };
    return;
  }
  if (row.cancel_at !== null) {
    yield { at: row.cancel_at, rank: 0, run: () => endSubscription(world, row, "cancellation_requested") };
  }
  if (row.status === "incomplete_expired" || row.status === "paused") return;
  if (row.pending_update !== null) {
    yield { at: row.pending_update.expires_at, rank: 0, run: () => dropPending(world, row) };
  }
  const resumesAt = row.pause_collection?.resumes_at ?? null;
  if (resumesAt !== null) yield { at: resumesAt, rank: 1, run: () => resumeCollection(world, row) };
  if (row.status === "trialing" && row.trial_end !== null && !world.store.toldOfTrialEnd.has(trialKey(row))) {
    // A shorter trial is announced as soon as it begins.
    const at = Math.max(row.trial_end - TRIAL_NOTICE_SECONDS, row.trial_start ?? row.created);
    yield { at, rank: 1, run: () => announceTrialEnd(world, row) };
  }
  const end = Math.min(...row.items.data.map((item) => item.current_period_end));
  yield { at: end, rank: 3, run: () => renew(world, row) };
}

function trialKey(row: SubscriptionRow): string {
  return `${row.id} ${row.trial_end}`;
}

function announceTrialEnd(world: World, row: SubscriptionRow): void {
  world.store.toldOfTrialEnd.add(trialKey(row));
  emit(world, "customer.subscription.trial_will_end", row);
}

function resumeCollection(world: World, row: SubscriptionRow): void {
  change(world, "customer.subscription.updated", row, () => {
    row.pause_collection = null;
  });
}

function* dueOfSchedule(world: World, row: ScheduleRow): Iterable<Due> {
  if (row.current_phase === null) return;
  yield { at: row.current_phase.end_date, rank: 2, run: () => advanceSchedule(world, row) };
}

function* dueOfInvoice(world: World, row: InvoiceRow): Iterable<Due> {
  if (row.status === "draft" && row.automatically_finalizes_at !== null) {
    yield { at: finalizesAt(world, row, row.automatically_finalizes_at), rank: 4, run: () => collect(world, row) };
  }
  if (row.status === "open" && row.next_payment_attempt !== null) {
    yield { at: row.next_payment_attempt, rank: 4, run: () => retry(world, row) };
  }
}

// Stripe waits for a good answer to the draft's webhook, and goes on without one after three days.
function finalizesAt(world: World, row: InvoiceRow, planned: number): number {
  const told = world.store.events.find(world.store.draftEvents.get(row.id));
  const waits = world.settings.finalizeWaitsForWebhook && (told?.pending_webhooks ?? 0) > 0;
  return waits ? row.created + PATIENCE_SECONDS : planned;
}

function retry(world: World, row: InvoiceRow): void {
  if (row.next_payment_attempt === null) return;
  row.next_payment_attempt = null;
  attemptPayment(world, row);
}
