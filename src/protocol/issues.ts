import type * as z from "zod";
import type { FieldIssue } from "./errors.ts";

// A hostile input can be wrong in thousands of places; the first few are enough to mend it.
const MAX_ISSUES = 20;

/** Paths and messages of a zod failure. Values are never repeated: they may be a password or a partner's words. */
export function fieldIssues(error: z.core.$ZodError): FieldIssue[] {
  return error.issues.slice(0, MAX_ISSUES).map((issue) => {
    if (issue.code === "unrecognized_keys") {
      const key = issue.keys[0] ?? "";
      return { path: joinPath([...issue.path, key.slice(0, 64)]), message: "Unknown field" };
    }
    return { path: joinPath(issue.path), message: describe(issue) };
  });
}

function joinPath(path: readonly PropertyKey[]): string {
  return path.map(String).join(".");
}

function describe(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return `Expected ${issue.expected}`;
    case "invalid_value":
      return `Must be one of ${issue.values.map(String).join(", ")}`;
    default:
      return issue.message;
  }
}
