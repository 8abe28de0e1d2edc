import type { DiscountParam } from "./discounts.ts";
import type { Metadata, PriceRow } from "./rows.ts";

/** What a checkout session will do when it is paid. */
export interface CheckoutPlan {
  lines: { price: PriceRow; quantity: number; metadata: Metadata }[];
  discounts: DiscountParam[];
  createsCustomer: boolean;
  createsInvoice: boolean;
  invoiceMetadata: Metadata;
  /** Of the payment intent or the subscription. */
  metadata: Metadata;
  description: string | null;
  trialDays: number | null;
  trialEnd: number | null;
  missingCard: "cancel" | "create_invoice" | "pause";
  keepsCard: boolean;
  /** Made by the first attempt to pay, and kept by the next ones. */
  subscription: string | null;
  invoice: string | null;
}
