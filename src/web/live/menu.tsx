import type { TargetedSubmitEvent, VNode } from "preact";
import { useRef, useState } from "preact/hooks";
import type { CardProps } from "./pane.tsx";

/** What is rarely wanted: pausing, taking one's data along, and leaving. */
export function Menu({ partner, state }: CardProps): VNode {
  const { capabilities, parting } = state.dashboard.profile;
  const menu = useRef<HTMLDetailsElement>(null);
  const dialog = useRef<HTMLDialogElement>(null);
  const entry = (text: string, act: () => void): VNode => (
    <li>
      <button
        type="button"
        onClick={() => {
          menu.current?.removeAttribute("open");
          act();
        }}
      >
        {text}
      </button>
    </li>
  );
  return (
    <>
      <details
        class="menu"
        ref={menu}
        onKeyDown={({ key }) => {
          if (key === "Escape") menu.current?.removeAttribute("open");
        }}
      >
        <summary aria-label={`${partner.name}: more`}>⋯</summary>
        <ul>
          {capabilities.includes("pause") && entry("Pause", () => void partner.command("membership.pause"))}
          {capabilities.includes("export") && entry("Take my data along", () => void partner.takeAlong())}
          {capabilities.includes("exit") && parting === null && entry("Leave …", () => dialog.current?.showModal())}
        </ul>
      </details>
      <dialog ref={dialog} class="leave" aria-label="Leave">
        <LeaveForm partner={partner} close={() => dialog.current?.close()} />
      </dialog>
    </>
  );
}

/** A phone that lies around ends nothing: whoever leaves says once more who they are. */
function LeaveForm({ partner, close }: Pick<CardProps, "partner"> & { close: () => void }): VNode {
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const leave = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const refusal = await partner.leave(password);
    setPassword("");
    setProblem(refusal);
    if (refusal === null) close();
  };
  return (
    <form onSubmit={(event) => void leave(event)}>
      <h3>Leave</h3>
      <p>
        It takes effect at once and asks nobody. You can both read everything for thirty days; then each part moves into
        a space of its own.
      </p>
      <label class="note">
        <span class="quiet">Your password</span>
        <input
          type="password"
          required
          autocomplete="current-password"
          aria-invalid={problem !== null}
          value={password}
          onInput={(event) => setPassword(event.currentTarget.value)}
        />
      </label>
      {problem !== null && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <div class="row">
        <button type="button" class="small" onClick={close}>
          Stay
        </button>
        <button type="submit">Leave now</button>
      </div>
    </form>
  );
}
