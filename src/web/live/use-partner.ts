import { useEffect, useState } from "preact/hooks";
import type { Partner, PartnerState } from "./partner.ts";

/** The partner's state, anew whenever it changes. */
export function usePartner(partner: Partner): PartnerState {
  const [state, setState] = useState(partner.state);
  useEffect(() => {
    setState(partner.state);
    return partner.subscribe(() => setState(partner.state));
  }, [partner]);
  return state;
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
