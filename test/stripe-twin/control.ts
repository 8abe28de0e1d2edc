import * as z from "zod";
import { submitCheckout } from "./checkout-payment.ts";
import { decideDispute } from "./disputes.ts";
import { invalid, StripeRefusal } from "./errors.ts";
import { confirmIntent, failAuthentication, openDispute } from "./payments.ts";
import { cancelInPortal, replaceCard } from "./portal.ts";
import { settleRefund } from "./refunds.ts";
import type { StripeTwin } from "./twin.ts";
import { addEndpoint } from "./webhook-endpoints.ts";
import { requireRow } from "./world.ts";

export const cardBehaviour = z.enum([
  "pays",
  "declined",
  "insufficient_funds",
  "authentication",
  "refund_fails",
  "disputed",
]);
const percent = z.int().min(0).max(100);
const count = z.int().min(0).max(1_000);

interface Control {
  path: string;
  run: (twin: StripeTwin, body: unknown, id: string) => object | Promise<object>;
}

function action<S extends z.ZodType>(
  path: string,
  schema: S,
  run: (twin: StripeTwin, input: z.output<S>, id: string) => object | Promise<object>,
): Control {
  return {
    path,
    run: (twin, body, id) => {
      const parsed = schema.safeParse(body);
      if (!parsed.success) throw invalid(`${path}: ${parsed.error.issues[0]?.message ?? "invalid"}`);
      return run(twin, parsed.data, id);
    },
  };
}

const ACTIONS: Control[] = [
  action("/_twin/state", z.strictObject({}), (twin) => stateOf(twin)),
  action(
    "/_twin/settings",
    z.strictObject({
      retryDays: z.array(count).optional(),
      afterRetries: z.enum(["cancel", "unpaid", "past_due"]).optional(),
      finalizeAfterSeconds: z.int().min(0).optional(),
      finalizeWaitsForWebhook: z.boolean().optional(),
      taxBasisPoints: z.int().min(0).max(10_000).optional(),
      refunds: z.enum(["succeed", "wait"]).optional(),
      requestsPerSecond: z.int().min(0).nullable().optional(),
    }),
    (twin, input) => Object.assign(twin.world.settings, input),
  ),
  action(
    "/_twin/webhooks/policy",
    z.strictObject({
      mode: z.enum(["auto", "manual"]).optional(),
      dropPercent: percent.optional(),
      repeats: count.optional(),
      repeatsUnderNewId: count.optional(),
      delaySeconds: z.int().min(0).optional(),
      shuffle: z.boolean().optional(),
    }),
    (twin, input) => Object.assign(twin.webhooks.policy, input),
  ),
  action(
    "/_twin/webhooks/flush",
    z.strictObject({ all: z.boolean().optional(), limit: z.int().min(1).optional() }),
    async (twin, { all = false, limit = 10_000 }) => ({ delivered: await twin.webhooks.flush({ all, limit }) }),
  ),
  action("/_twin/webhooks/resend", z.strictObject({ event: z.string() }), (twin, { event }) => {
    requireRow(twin.store.events, event, "event");
    twin.webhooks.resend(event);
    return stateOf(twin);
  }),
  action(
    "/_twin/webhooks/endpoint",
    z.strictObject({ url: z.url(), secret: z.string().min(1), events: z.array(z.string()).optional() }),
    (twin, { url, secret, events = ["*"] }) => addEndpoint(twin.world, twin.webhooks, { url, secret, events }),
  ),
  action(
    "/_twin/webhooks/roll",
    z.strictObject({ endpoint: z.string(), secret: z.string().min(1), keepOld: z.boolean() }),
    (twin, { endpoint, secret, keepOld }) => {
      const row = requireRow(twin.store.endpoints, endpoint, "endpoint");
      twin.webhooks.rollSecret(endpoint, secret, keepOld);
      return row;
    },
  ),
  action(
    "/_twin/faults",
    z.strictObject({
      on: z.string().optional(),
      times: z.int().min(1).optional(),
      kind: z.enum(["status", "unreachable", "lose_answer", "hold"]),
      status: z.int().min(400).max(599).optional(),
    }),
    (twin, { on, times, status, kind }) => {
      twin.faults.plan({
        kind,
        ...(on === undefined ? {} : { on }),
        ...(times === undefined ? {} : { times }),
        ...(status === undefined ? {} : { status }),
      });
      return stateOf(twin);
    },
  ),
  action("/_twin/faults/clear", z.strictObject({}), (twin) => {
    twin.faults.clear();
    twin.faults.release();
    return stateOf(twin);
  }),
  action("/_twin/faults/release", z.strictObject({}), (twin) => {
    twin.faults.release();
    return stateOf(twin);
  }),
  action("/_twin/clock", z.strictObject({ advanceSeconds: z.int().min(1) }), (twin, { advanceSeconds }) => {
    twin.clock.skip(advanceSeconds);
    twin.liveOn();
    return stateOf(twin);
  }),
  action(
    "/_twin/checkout/:id",
    z.strictObject({
      card: cardBehaviour,
      email: z.email().optional(),
      authentication: z.enum(["pass", "fail"]).optional(),
    }),
    (twin, { card, email, authentication }, id) => {
      const session = requireRow(twin.store.sessions, id);
      const outcome = submitCheckout(twin.world, session, card, email ?? null);
      if (outcome.state === "authentication" && authentication !== undefined) {
        authenticate(twin, outcome.intent, authentication === "pass");
      }
      return session;
    },
  ),
  action("/_twin/authentication/:id", z.strictObject({ pass: z.boolean() }), (twin, { pass }, id) =>
    authenticate(twin, id, pass),
  ),
  action("/_twin/cards/:id", z.strictObject({ card: cardBehaviour }), (twin, { card }, id) => {
    replaceCard(twin.world, id, card);
    return requireRow(twin.store.customers, id);
  }),
  action(
    "/_twin/portal/:id",
    z.strictObject({ subscription: z.string(), ends: z.boolean() }),
    (twin, { subscription, ends }, id) => {
      cancelInPortal(twin.world, requireRow(twin.store.portalSessions, id), subscription, ends);
      return requireRow(twin.store.subscriptions, subscription);
    },
  ),
  action(
    "/_twin/disputes",
    z.strictObject({ charge: z.string(), reason: z.string().optional(), amount: z.int().min(1).optional() }),
    (twin, { charge, reason = "fraudulent", amount }) => {
      const row = requireRow(twin.store.charges, charge, "charge");
      if (!row.paid || row.disputed) throw invalid("This charge cannot be disputed.");
      return openDispute(twin.world, row, { reason, ...(amount === undefined ? {} : { amount }) });
    },
  ),
  action("/_twin/disputes/:id", z.strictObject({ status: z.enum(["won", "lost"]) }), (twin, { status }, id) => {
    const row = requireRow(twin.store.disputes, id);
    decideDispute(twin.world, row, status);
    return row;
  }),
  action("/_twin/refunds/:id", z.strictObject({ status: z.enum(["succeeded", "failed"]) }), (twin, { status }, id) => {
    const row = requireRow(twin.store.refunds, id);
    settleRefund(twin.world, row, status);
    return row;
  }),
];

function authenticate(twin: StripeTwin, id: string, pass: boolean): object {
  const intent = requireRow(twin.store.paymentIntents, id);
  if (intent.status !== "requires_action") throw invalid("Nothing waits for authentication.");
  if (pass) confirmIntent(twin.world, intent, { authenticated: true });
  else failAuthentication(twin.world, intent);
  return intent;
}

function stateOf(twin: StripeTwin): object {
  return {
    now: twin.clock.wallSeconds(),
    settings: twin.world.settings,
    policy: twin.webhooks.policy,
    waiting: twin.webhooks.waiting,
    dropped: twin.webhooks.dropped,
    holding: twin.faults.holding,
    requests: twin.requests.length,
    failures: twin.failures.map(String),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text === "" ? "{}" : text);
  } catch (error) {
    throw invalid(`The body is no JSON: ${String(error)}`);
  }
}

/** Our own surface below `/_twin/`: what in Stripe people, banks, time and bad luck do. JSON in, JSON out. */
export async function control(twin: StripeTwin, request: Request): Promise<Response> {
  const given = new URL(request.url).pathname.split("/");
  for (const { path, run } of ACTIONS) {
    const wanted = path.split("/");
    if (wanted.length !== given.length) continue;
    if (!wanted.every((part, at) => part === ":id" || part === given[at])) continue;
    const body = request.method === "GET" ? {} : parsed(await request.text());
    const answer = await run(twin, body, given[wanted.indexOf(":id")] ?? "");
    if (twin.webhooks.policy.mode === "auto") void twin.webhooks.pump();
    return Response.json(answer);
  }
  throw new StripeRefusal(404, "invalid_request_error", "The twin has no such control.");
}
