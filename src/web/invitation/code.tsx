import type { TargetedSubmitEvent, VNode } from "preact";
import { useState } from "preact/hooks";
import { Problem, type PartProps } from "./part.tsx";

const DIGITS = 6;

/** Six digits, as somebody reads them from the other's screen. */
export function CodeForm({ visitor, state }: PartProps): VNode {
  const [code, setCode] = useState("");
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    if (await visitor.enterCode(code)) setCode("");
  };
  return (
    <form class="fields" onSubmit={(event) => void submit(event)}>
      <label>
        <span>Six digits</span>
        <input
          class="digits"
          name="code"
          required
          inputMode="numeric"
          autoComplete="one-time-code"
          pattern={`\\d{${DIGITS}}`}
          title="Six digits"
          placeholder="••••••"
          value={code}
          // Digits are often pasted in groups, with spaces between them.
          onInput={(event) => setCode(event.currentTarget.value.replaceAll(/\D/g, "").slice(0, DIGITS))}
        />
      </label>
      <Problem state={state} of="code" />
      <div class="choices">
        <button type="submit" disabled={state.isBusy}>
          Ask to join
        </button>
      </div>
    </form>
  );
}
