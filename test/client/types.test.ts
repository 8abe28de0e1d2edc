import { expect, expectTypeOf, it } from "vitest";
import type { Client } from "../../src/client/client.ts";
import type { InputOf, OperationName, OutputOf, RelationshipEvent } from "../../src/client/operations.ts";
import type { Operation } from "../../src/domain/command.ts";
import { registry } from "../../src/domain/registry.ts";

type Registered = (typeof registry)[number];

it("knows every operation of the registry by its own name and schemas", () => {
  // An entry with an erased type would make all names acceptable, or none.
  expectTypeOf<Operation extends Registered ? "erased" : "typed">().toEqualTypeOf<"typed">();
  expectTypeOf<string extends OperationName ? "erased" : "typed">().toEqualTypeOf<"typed">();
  expectTypeOf<Registered["name"]>().toEqualTypeOf<OperationName>();
  expect(new Set(registry.map(({ name }) => name)).size).toBe(registry.length);
});

it("takes inputs as callers write them and gives outputs as the server sends them", () => {
  expectTypeOf<InputOf<"checkins.submit">["offline"]>().toEqualTypeOf<boolean | undefined>();
  expectTypeOf<OutputOf<"checkins.submit">["isNew"]>().toEqualTypeOf<boolean>();
  expectTypeOf<OutputOf<"inbox.unread_count">>().toEqualTypeOf<{ unread: number }>();
});

it("refuses to compile an unknown name, a missing input, a wrong field, and a query as a command", () => {
  const uses = (client: Client): unknown[] => [
    client.query("rel", "inbox.unread_count"),
    // @ts-expect-error there is no such command
    client.command("rel", "checkins.forget", {}),
    // @ts-expect-error this command needs an input
    client.command("rel", "checkins.submit"),
    // @ts-expect-error a score is a number
    client.command("rel", "checkins.submit", { date: "2026-06-15", mood: "high" }),
    // @ts-expect-error this is a query
    client.command("rel", "inbox.unread_count"),
  ];
  expect(uses).toBeTypeOf("function");
});

it("tells events apart by name", () => {
  const daysOf = (event: RelationshipEvent): number | null =>
    event.name === "checkin.submitted" ? event.data.lateDays : null;
  expectTypeOf(daysOf).returns.toEqualTypeOf<number | null>();
  expect(daysOf).toBeTypeOf("function");
});
