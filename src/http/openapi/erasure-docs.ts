import { eraseAccountAnswer, eraseAccountSchema } from "../../compliance/input.ts";
import { ok, SESSION_ERRORS, type RouteDoc } from "./route-doc.ts";

export const erasure: readonly RouteDoc[] = [
  {
    method: "delete",
    tag: "me",
    path: "/api/me",
    operationId: "eraseMe",
    summary:
      'Erase my account: every session ends, I leave, and what is mine is deleted everywhere; what we made together stays for my partner under "former member". Needs a recent proof of identity; cannot be undone',
    session: true,
    body: eraseAccountSchema,
    answers: [ok(eraseAccountAnswer, "What is done already, step by step")],
    errors: SESSION_ERRORS,
  },
];
