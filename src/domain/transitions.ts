import { AppError } from "../protocol/errors.ts";

/** State -> the states that a thing may go to from there. */
export type Moves<State extends string> = Readonly<Record<State, readonly State[]>>;

/** @throws AppError `illegal_transition` with the current state, unless `moves` allows `from` -> `to` */
export function requireMove<State extends string>(moves: Moves<State>, from: State, to: State): void {
  if (!moves[from].includes(to)) throw illegalTransition(from);
}

/** The refusal of something that the state `current` does not allow. */
export function illegalTransition(current: string): AppError {
  return new AppError("illegal_transition", "The current state does not allow this", { current });
}
