import { useEffect, useState } from "preact/hooks";

/** Something outside the page's tree that holds what is shown, and tells when it was replaced. */
export interface Store<State> {
  readonly state: State;
  subscribe(listener: () => void): () => void;
}

/** The store's state, anew whenever it changes. */
export function useStore<State>(store: Store<State>): State {
  const [state, setState] = useState(store.state);
  useEffect(() => {
    setState(store.state);
    return store.subscribe(() => setState(store.state));
  }, [store]);
  return state;
}
