import { emptySchema } from "../../auth/input.ts";
import {
  approvedRecoveryAnswerSchema,
  askRecoverySchema,
  finishRecoverySchema,
  recoveryAnswerSchema,
  recoveryPageQuerySchema,
  recoveryTokenBodySchema,
  setRecoverySchema,
} from "../../auth/recovery-input.ts";
import { ok, PUBLIC_ERRORS, said, SESSION_ERRORS, type Part, type RouteDoc } from "./route-doc.ts";

const post = (path: string, part: Part): RouteDoc => ({
  method: "post",
  tag: "account",
  path: `/api/recovery${path}`,
  ...part,
});

/** Recovery of an account with the partner's help. */
export const recovery: readonly RouteDoc[] = [
  {
    method: "get",
    tag: "me",
    path: "/api/me/recovery",
    operationId: "myRecovery",
    summary: "Whether my partner may help me back into my account, and what is under way for either of us",
    session: true,
    answers: [ok(recoveryAnswerSchema, "My setting, and open recoveries")],
    errors: [401],
  },
  {
    method: "put",
    tag: "me",
    path: "/api/me/recovery",
    operationId: "setMyRecovery",
    summary: "Allow or forbid it; forbidding stops what is under way. Needs a recent proof of identity",
    session: true,
    body: setRecoverySchema,
    answers: [ok(recoveryAnswerSchema, "My setting, and open recoveries")],
    errors: SESSION_ERRORS,
  },
  post("", {
    operationId: "askForRecovery",
    summary:
      "Phone and mailbox are lost: ask for a way in at another address. The answer is the same for every address; the old one is told, and whoever owns it can stop it",
    session: false,
    body: askRecoverySchema,
    answers: [said("asked_if_possible", "Asked, if the account exists, allows it and has a partner who can help")],
    errors: PUBLIC_ERRORS,
  }),
  post("/{id}/approval", {
    operationId: "approveRecovery",
    summary:
      "Vouch for my partner. After 48 hours, which nothing shortens, a link goes to the new address. Needs a recent proof of identity",
    session: true,
    body: emptySchema,
    answers: [ok(approvedRecoveryAnswerSchema, "The waiting period runs")],
    errors: [...SESSION_ERRORS, 404, 409],
  }),
  post("/{id}/stop", {
    operationId: "stopRecovery",
    summary: "Stop the recovery of my account",
    session: true,
    body: emptySchema,
    answers: [said("stopped", "Stopped, also when it was over")],
    errors: [...SESSION_ERRORS, 404],
  }),
  {
    ...post("/stop", {
      operationId: "stopRecoveryPage",
      summary: "The page that the link of a notice opens",
      session: false,
      query: recoveryPageQuerySchema,
      answers: [{ status: 200, description: "A page with one button", html: true }],
      errors: [400, 429],
    }),
    method: "get",
  },
  post("/stop", {
    operationId: "stopRecoveryByLink",
    summary: "Stop a recovery with the token of a notice",
    session: false,
    body: recoveryTokenBodySchema,
    answers: [said("stopped", "Stopped, also when it was over")],
    errors: PUBLIC_ERRORS,
  }),
  {
    ...post("/finish", {
      operationId: "finishRecoveryPage",
      summary: "The page that the last mail's link opens",
      session: false,
      query: recoveryPageQuerySchema,
      answers: [{ status: 200, description: "A form", html: true }],
      errors: [400, 429],
    }),
    method: "get",
  },
  post("/finish", {
    operationId: "finishRecovery",
    summary: "Choose a new password; the new address becomes the account's, and every session ends",
    session: false,
    body: finishRecoverySchema,
    answers: [said("recovered", "Done; please sign in")],
    errors: [...PUBLIC_ERRORS, 409],
  }),
];
