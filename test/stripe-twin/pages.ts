import { submitCheckout } from "./checkout-payment.ts";
import { invalid, StripeRefusal } from "./errors.ts";
import { attemptPayment } from "./invoice-life.ts";
import { cardOnPage, confirmIntent, failAuthentication } from "./payments.ts";
import { cancelInPortal, replaceCard } from "./portal.ts";
import type { SessionRow } from "./rows.ts";
import type { CardBehaviour } from "./store.ts";
import { requireRow, type World } from "./world.ts";

/** The pages that Stripe would show to a person, with buttons for what may happen instead of fields for a card. */
export async function pages(world: World, request: Request): Promise<Response> {
  const path = new URL(request.url).pathname;
  const [, kind = "", id = ""] = /^\/(c\/pay|p\/session|i|twin\/3ds)\/([\w]+)$/.exec(path) ?? [];
  const pressed = request.method === "POST" ? new URLSearchParams(await request.text()) : null;
  switch (kind) {
    case "c/pay":
      return checkoutPage(world, requireRow(world.store.sessions, id), pressed);
    case "twin/3ds":
      return bankPage(world, id, pressed);
    case "p/session":
      return portalPage(world, id, pressed);
    case "i":
      return invoicePage(world, id, pressed);
    default:
      throw new StripeRefusal(404, "invalid_request_error", "The twin has no such page.");
  }
}

const BUTTONS: Record<string, { card: CardBehaviour; label: string }> = {
  pay: { card: "pays", label: "Pay" },
  decline: { card: "declined", label: "Pay with a card that is declined" },
  poor: { card: "insufficient_funds", label: "Pay with a card without funds" },
  "3ds": { card: "authentication", label: "Pay with a card that asks for 3-D Secure" },
};

function checkoutPage(world: World, session: SessionRow, pressed: URLSearchParams | null): Response {
  if (session.status === "complete") return redirect(successUrl(session));
  if (session.status !== "open") return html("This checkout has expired", "<p>Nobody can pay it any more.</p>", 410);
  if (pressed === null) return html("Checkout", checkoutForm(world, session, ""));
  const button = BUTTONS[pressed.get("action") ?? ""];
  if (button === undefined) throw invalid("No such button.");
  const outcome = submitCheckout(world, session, button.card, pressed.get("email"));
  if (outcome.state === "complete") return redirect(successUrl(session));
  if (outcome.state === "authentication") return redirect(`${world.origin}/twin/3ds/${outcome.intent}`);
  return html("Checkout", checkoutForm(world, session, "The card was declined."), 402);
}

function checkoutForm(world: World, session: SessionRow, problem: string): string {
  const items = world.store.sessionItems.get(session.id) ?? [];
  const lines = items.map(
    (item) =>
      `<li>${escape(item.description ?? "")} × ${item.quantity ?? 1}: ${money(item.amount_total, item.currency)}</li>`,
  );
  const cut = session.total_details?.amount_discount ?? 0;
  const mail =
    session.customer === null
      ? `<label>E-mail <input name="email" type="email" value="${escape(session.customer_email ?? "")}"></label>`
      : "";
  const back = session.cancel_url === null ? "" : `<p><a href="${escape(session.cancel_url)}">Go back</a></p>`;
  return [
    problem === "" ? "" : `<p role="alert">${problem}</p>`,
    `<ul>${lines.join("")}</ul>`,
    cut > 0 ? `<p>Discount: ${money(cut, session.currency)}</p>` : "",
    `<p>Due today: <strong>${money(session.amount_total ?? 0, session.currency)}</strong></p>`,
    `<form method="post">${mail}${Object.entries(BUTTONS)
      .map(([action, { label }]) => buttonOf(action, label))
      .join("")}</form>`,
    back,
  ].join("");
}

function bankPage(world: World, id: string, pressed: URLSearchParams | null): Response {
  const intent = requireRow(world.store.paymentIntents, id);
  const session = world.store.sessions.find(world.store.sessionOfIntent.get(id));
  if (intent.status === "requires_action" && pressed === null) {
    const form = `<form method="post">${buttonOf("pass", "Complete")}${buttonOf("fail", "Fail")}</form>`;
    return html("Your bank asks", `<p>Is it you who pays ${money(intent.amount, intent.currency)}?</p>${form}`);
  }
  if (intent.status === "requires_action" && pressed !== null) {
    if (pressed.get("action") === "pass") confirmIntent(world, intent, { authenticated: true });
    else failAuthentication(world, intent);
  }
  if (session?.status === "complete") return redirect(successUrl(session));
  if (session?.url !== null && session !== null) return redirect(session.url);
  return html("Your bank", `<p>The payment is ${escape(intent.status)}.</p>`);
}

function portalPage(world: World, id: string, pressed: URLSearchParams | null): Response {
  const session = requireRow(world.store.portalSessions, id);
  const action = pressed?.get("action") ?? "";
  const [verb, target = ""] = action.split(" ");
  if (verb === "end" || verb === "keep") cancelInPortal(world, session, target, verb === "end");
  if (verb === "card") replaceCard(world, session.customer, target === "good" ? "pays" : "declined");
  if (pressed !== null) return redirect(session.url);
  const rows = world.store.subscriptions.filter((row) => row.customer === session.customer);
  const list = rows.map((row) => {
    const state = row.cancel_at === null ? row.status : `${row.status}, ends ${dateOf(row.cancel_at)}`;
    const button = row.cancel_at === null ? buttonOf(`end ${row.id}`, "Cancel") : buttonOf(`keep ${row.id}`, "Keep");
    return `<li>${escape(row.id)}: ${escape(state)} ${row.status === "canceled" ? "" : button}</li>`;
  });
  const cards = buttonOf("card good", "Use a card that pays") + buttonOf("card bad", "Use a card that is declined");
  const back = session.return_url === null ? "" : `<p><a href="${escape(session.return_url)}">Return</a></p>`;
  return html("Your billing", `<form method="post"><ul>${list.join("")}</ul>${cards}</form>${back}`);
}

function invoicePage(world: World, id: string, pressed: URLSearchParams | null): Response {
  const invoice = requireRow(world.store.invoices, id);
  const button = BUTTONS[pressed?.get("action") ?? ""];
  if (button !== undefined && invoice.customer !== null && invoice.status === "open") {
    attemptPayment(world, invoice, cardOnPage(world, button.card, invoice.customer));
    const payment = world.store.invoicePayments.group(id)[0];
    const intent = world.store.paymentIntents.find(payment?.payment.payment_intent);
    if (intent?.status === "requires_action") return redirect(`${world.origin}/twin/3ds/${intent.id}`);
    return redirect(`${world.origin}/i/${id}`);
  }
  const buttons = Object.entries(BUTTONS).map(([action, { label }]) => buttonOf(action, label));
  const lines = invoice.lines.data.map(
    (line) => `<li>${escape(line.description ?? "")}: ${money(line.amount, line.currency)}</li>`,
  );
  const form = invoice.status === "open" ? `<form method="post">${buttons.join("")}</form>` : "";
  const sum = `<p>${money(invoice.total, invoice.currency)}, ${escape(invoice.status ?? "")}</p>`;
  return html(`Invoice ${invoice.number ?? ""}`, `<ul>${lines.join("")}</ul>${sum}${form}`);
}

function successUrl(session: SessionRow): string {
  return (session.success_url ?? "/").replaceAll("{CHECKOUT_SESSION_ID}", session.id);
}

function redirect(location: string): Response {
  return new Response(null, { status: 303, headers: { location } });
}

function buttonOf(action: string, label: string): string {
  return `<button name="action" value="${escape(action)}">${escape(label)}</button>`;
}

function dateOf(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().slice(0, 10);
}

function money(minorUnits: number, currency: string | null): string {
  return `${(minorUnits / 100).toFixed(2)} ${escape((currency ?? "").toUpperCase())}`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const STYLE =
  "body{font:16px/1.5 system-ui;max-width:32rem;margin:3rem auto;padding:0 1rem}button{display:block;margin:.5rem 0}";

function html(title: string, body: string, status = 200): Response {
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(title)}</title><style>${STYLE}</style><h1>${escape(title)}</h1>${body}
<p><small>A stand-in for Stripe. No money moves, and no card is asked for.</small></p></html>`;
  return new Response(page, { status, headers: { "content-type": "text/html; charset=utf-8" } });
}
