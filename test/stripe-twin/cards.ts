import { missing } from "./errors.ts";
import { newId } from "./ids.ts";
import type { CustomerRow, PaymentMethodRow } from "./rows.ts";
import type { CardBehaviour } from "./store.ts";
import { emit, type World } from "./world.ts";

/** Puts a card on the customer: a new one for one of Stripe's test cards, else the card as it is. */
export function attachCard(world: World, id: string, customer: CustomerRow): PaymentMethodRow {
  const row = world.store.paymentMethods.find(id) ?? testCard(world, id);
  if (row === null) throw missing("PaymentMethod", id, "payment_method");
  if (row.customer !== customer.id) {
    row.customer = customer.id;
    emit(world, "payment_method.attached", row);
  }
  return row;
}

const TEST_CARDS: Record<string, CardBehaviour> = {
  pm_card_visa: "pays",
  pm_card_mastercard: "pays",
  // Attached without complaint; every charge is declined.
  pm_card_chargeCustomerFail: "declined",
  pm_card_chargeDeclined: "declined",
  pm_card_visa_chargeDeclinedInsufficientFunds: "insufficient_funds",
  pm_card_authenticationRequired: "authentication",
  pm_card_refundFail: "refund_fails",
  pm_card_createDispute: "disputed",
};

/** A new card for one of Stripe's names of test cards, or null. Numbers of cards never exist here. */
export function testCard(world: World, name: string): PaymentMethodRow | null {
  const behaviour = Object.hasOwn(TEST_CARDS, name) ? TEST_CARDS[name] : undefined;
  return behaviour === undefined ? null : newCard(world, behaviour);
}

export function newCard(world: World, behaviour: CardBehaviour): PaymentMethodRow {
  const id = newId("pm");
  world.store.cards.set(id, behaviour);
  return world.store.paymentMethods.add({
    id,
    object: "payment_method",
    allow_redisplay: "unspecified",
    billing_details: { address: null, email: null, name: null, phone: null, tax_id: null },
    card: {
      brand: "visa",
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: "pass" },
      country: "US",
      display_brand: "visa",
      exp_month: 12,
      exp_year: 2040,
      fingerprint: id.slice(3, 19),
      funding: "credit",
      generated_from: null,
      last4: "4242",
      networks: { available: ["visa"], preferred: null },
      regulated_status: "unregulated",
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
    created: world.clock.seconds(),
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: {},
    type: "card",
  });
}
