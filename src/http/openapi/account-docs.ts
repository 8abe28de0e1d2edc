import {
  confirmIdentitySchema,
  emailOnlySchema,
  emptySchema,
  profileChangeSchema,
  resetPageQuerySchema,
  resetPasswordSchema,
  revokeSessionSchema,
  signInSchema,
  signUpSchema,
  verifyEmailQuerySchema,
} from "../../auth/input.ts";
import * as answers from "./answers.ts";
import { ok, PUBLIC_ERRORS, said, SESSION_ERRORS, type Part, type RouteDoc } from "./route-doc.ts";

const authPost = (path: string, part: Part): RouteDoc => {
  return { method: "post", tag: "account", path: `/api/auth/${path}`, ...part };
};
const authGet = (path: string, part: Part): RouteDoc => ({ ...authPost(path, part), method: "get" });

export const account: readonly RouteDoc[] = [
  authPost("sign-up/email", {
    operationId: "signUp",
    summary: "Make an account; a mail confirms the address. A known address gets the same answer",
    session: false,
    body: signUpSchema,
    answers: [said("confirmation_sent", "A mail is on the way, whatever the address")],
    errors: PUBLIC_ERRORS,
  }),
  authPost("sign-in/email", {
    operationId: "signIn",
    summary:
      "Open a session: a cookie for browsers, a bearer token for apps. An address that is not confirmed is answered as a wrong password, and mailed a new link",
    session: false,
    body: signInSchema,
    answers: [ok(answers.signedInAnswer, "Signed in; the header set-auth-token or a cookie carries the session")],
    errors: [...PUBLIC_ERRORS, 401],
  }),
  authPost("confirm", {
    operationId: "confirmIdentity",
    summary: "Give the password once more; for ten minutes this session may do what cannot be taken back",
    session: true,
    body: confirmIdentitySchema,
    answers: [said("confirmed", "Confirmed")],
    errors: SESSION_ERRORS,
  }),
  authPost("sign-out", {
    operationId: "signOut",
    summary: "End this session; its sockets close within a second",
    session: false,
    body: emptySchema,
    answers: [said("signed_out", "Signed out, also when nobody was signed in")],
    errors: PUBLIC_ERRORS,
  }),
  authGet("verify-email", {
    operationId: "verifyEmail",
    summary: "Confirm an address with the token of the mail",
    session: false,
    query: verifyEmailQuerySchema,
    answers: [
      said("verified", "Confirmed"),
      { status: 303, description: "To `callbackURL`, with `verified=1` or `verified=0`" },
    ],
    errors: [400, 429],
  }),
  authPost("send-verification-email", {
    operationId: "sendVerificationEmail",
    summary: "Send the confirming mail again; the answer does not tell whether the address is known",
    session: false,
    body: emailOnlySchema,
    answers: [said("sent_if_needed", "Sent if there is an account that needs it")],
    errors: PUBLIC_ERRORS,
  }),
  authPost("request-password-reset", {
    operationId: "requestPasswordReset",
    summary: "Mail a link that sets a new password; the answer does not tell whether the address is known",
    session: false,
    body: emailOnlySchema,
    answers: [said("sent_if_known", "Sent if there is an account")],
    errors: PUBLIC_ERRORS,
  }),
  authGet("reset-password", {
    operationId: "resetPasswordPage",
    summary: "The page that the mail's link opens",
    session: false,
    query: resetPageQuerySchema,
    answers: [{ status: 200, description: "A form", html: true }],
    errors: [400, 429],
  }),
  authPost("reset-password", {
    operationId: "resetPassword",
    summary: "Set a new password with the token of the mail; every session ends",
    session: false,
    body: resetPasswordSchema,
    answers: [said("password_changed", "Changed")],
    errors: PUBLIC_ERRORS,
  }),
  authGet("list-sessions", {
    operationId: "listSessions",
    summary: "My sessions, by coarse device family",
    session: true,
    answers: [ok(answers.sessionsAnswer, "Newest first")],
    errors: [401, 429],
  }),
  authPost("revoke-session", {
    operationId: "revokeSession",
    summary: "End one session of mine; its sockets close",
    session: true,
    body: revokeSessionSchema,
    answers: [said("revoked", "Ended")],
    errors: [...SESSION_ERRORS, 404],
  }),
  authPost("revoke-other-sessions", {
    operationId: "revokeOtherSessions",
    summary: "End every session of mine but this one",
    session: true,
    body: emptySchema,
    answers: [ok(answers.revokedOthersAnswer, "Ended")],
    errors: SESSION_ERRORS,
  }),
];

export const me: readonly RouteDoc[] = [
  {
    method: "get",
    path: "/api/me",
    operationId: "me",
    tag: "me",
    summary: "My profile",
    session: true,
    answers: [ok(answers.profileAnswer, "Me")],
    errors: [401],
  },
  {
    method: "patch",
    path: "/api/me",
    operationId: "updateMe",
    tag: "me",
    summary: "Change my profile: what is absent stays, null empties",
    session: true,
    body: profileChangeSchema,
    answers: [ok(answers.profileAnswer, "Me, changed")],
    errors: SESSION_ERRORS,
  },
  {
    method: "get",
    path: "/api/me/sessions",
    operationId: "mySessions",
    tag: "me",
    summary: "My sessions, by coarse device family",
    session: true,
    answers: [ok(answers.sessionsAnswer, "Newest first")],
    errors: [401],
  },
];
