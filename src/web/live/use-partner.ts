import { useEffect, useState } from "preact/hooks";
import { useStore } from "../use-store.ts";
import type { Partner, PartnerState } from "./partner.ts";

/** The partner's state, anew whenever it changes. */
export function usePartner(partner: Partner): PartnerState {
  return useStore(partner);
}

/** Epoch milliseconds, moving on once in `everyMs`. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
