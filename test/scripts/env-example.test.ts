/// <reference types="vite/types/importMeta.d.ts" />
import { expect, it } from "vitest";
import { parseConfig } from "../../src/lib/config.ts";
import { AppError } from "../../src/protocol/errors.ts";

interface Section {
  vars: Record<string, string>;
  secrets: { required: string[] };
  ratelimits: { name: string }[];
}

const FILES = import.meta.glob<string>(["../../.env.example", "../../wrangler.jsonc"], {
  query: "?raw",
  import: "default",
  eager: true,
});
const EXAMPLE = FILES["../../.env.example"] ?? "";
const CONFIGURATION = parseJsonc(FILES["../../wrangler.jsonc"] ?? "") as Section & { env: Record<string, Section> };
const SECTIONS: Record<string, Section> = { development: CONFIGURATION, ...CONFIGURATION.env };

/** JSON after its comments and trailing commas are gone; strings stay as they are. */
function parseJsonc(text: string): unknown {
  const plain = text.replaceAll(/("(?:\\.|[^"\\])*")|\/\/.*|\/\*[\s\S]*?\*\//g, (_, literal?: string) => literal ?? "");
  return JSON.parse(plain.replaceAll(/("(?:\\.|[^"\\])*")|,(?=\s*[}\]])/g, (_, literal?: string) => literal ?? ""));
}

function assignments(): [name: string, value: string][] {
  return [...EXAMPLE.matchAll(/^([A-Z][A-Z0-9_]*)=(.*)$/gm)].map(([, name = "", value = ""]) => [
    name,
    value.replaceAll(/^"|"$/g, ""),
  ]);
}

function namesOf(section: Section): string[] {
  return [...Object.keys(section.vars), ...section.secrets.required].toSorted();
}

it.each(Object.keys(SECTIONS))(".env.example names exactly the variables and secrets of %s", (name) => {
  const section = SECTIONS[name];
  expect(section && namesOf(section)).toEqual(
    assignments()
      .map(([variable]) => variable)
      .toSorted(),
  );
});

it(".env.example has development's values, and no secret", () => {
  const values = Object.fromEntries(assignments());
  expect(values).toEqual({
    ...CONFIGURATION.vars,
    ...Object.fromEntries(CONFIGURATION.secrets.required.map((name) => [name, ""])),
  });
  expect(() => parseConfig(values)).not.toThrow();
});

it("every variable of .env.example is explained right above it, or shares the explanation of its neighbour", () => {
  const unexplained = assignments().filter(([name]) => !new RegExp(`^(#.*|[A-Z_]+=.*)\\n${name}=`, "m").test(EXAMPLE));
  expect(unexplained).toEqual([]);
  for (const { name } of CONFIGURATION.ratelimits) expect(EXAMPLE).toContain(name);
});

it.each(["staging", "production"])(
  "the example's values do not start %s, and the refusal names each secret",
  (name) => {
    const values = { ...Object.fromEntries(assignments()), ENVIRONMENT: name };
    let refusal: unknown;
    try {
      parseConfig(values);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(AppError);
    for (const secret of CONFIGURATION.secrets.required) expect(String(refusal)).toContain(secret);
  },
);
