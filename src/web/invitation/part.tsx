import type { ComponentChildren, VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Action, Visitor, VisitorState } from "./visitor.ts";

/** What every part of the page gets. */
export interface PartProps {
  visitor: Visitor;
  state: VisitorState;
}

/** Takes the focus when whatever had it is gone, so that a screen reader says what came in its place. */
export function Title({ children }: { children: ComponentChildren }): VNode {
  const place = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (document.activeElement === document.body) place.current?.focus({ preventScroll: true });
  }, []);
  return (
    <h1 ref={place} tabIndex={-1}>
      {children}
    </h1>
  );
}

/** Why the last try did not work, beside what was tried. */
export function Problem({ state, of }: { state: VisitorState; of: Action }): VNode | null {
  const { problem } = state;
  if (problem?.action !== of) return null;
  return (
    <p class="problem" role="alert">
      <strong>{problem.title}.</strong> {problem.text}
    </p>
  );
}
