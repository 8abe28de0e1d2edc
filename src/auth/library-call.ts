import { config } from "../lib/config.ts";
import { AppError } from "../protocol/errors.ts";
import { authLibrary } from "./instance.ts";

interface LibraryCall {
  method: "GET" | "POST";
  /** Below /api/auth. */
  path: string;
  body?: Record<string, unknown>;
  query?: Record<string, string>;
  userAgent?: string | undefined;
}

/**
 * Asks the library's handler with a request made anew from parsed input: it never sees a cookie, an address or a field
 * that our schemas did not let through.
 * @throws AppError as `libraryError` maps the library's refusals
 */
export async function callLibrary(env: Env, call: LibraryCall): Promise<Response> {
  const library = await authLibrary(env);
  const url = new URL(`/api/auth${call.path}`, config(env).APP_URL);
  for (const [name, value] of Object.entries(call.query ?? {})) url.searchParams.set(name, value);
  const headers = new Headers({ accept: "application/json" });
  if (call.userAgent !== undefined) headers.set("user-agent", call.userAgent);
  const init: RequestInit = { method: call.method, headers };
  if (call.body !== undefined) {
    headers.set("content-type", "application/json");
    init.body = JSON.stringify(call.body);
  }
  const response = await library.handler(new Request(url, init));
  if (response.status >= 400) throw libraryError(response.status, await codeOf(response));
  return response;
}

async function codeOf(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => null);
  if (typeof body === "object" && body !== null && "code" in body) return String(body.code);
  return "";
}

/** The library's refusals in our terms. Its own words are not passed on: some of them quote what was sent. */
function libraryError(status: number, code: string): Error {
  switch (code) {
    case "INVALID_EMAIL_OR_PASSWORD":
    // Said of the right password only, so that it would tell whoever signed up just now whether the address was new.
    case "EMAIL_NOT_VERIFIED":
      return new AppError("unauthenticated", "E-mail address or password is wrong");
    case "TOKEN_EXPIRED":
    case "INVALID_TOKEN":
    case "USER_NOT_FOUND":
      return new AppError("invalid_input", "This link was used already, or its time is over", {
        issues: [{ path: "token", message: "Used, expired or unknown" }],
      });
    case "FAILED_TO_CREATE_USER":
      return new AppError("conflict", "Please try again");
    default:
      return status >= 500
        ? new Error(`Auth library answered ${status} ${code}`)
        : new AppError("invalid_input", "The request was not accepted");
  }
}
