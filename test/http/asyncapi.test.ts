import { exports } from "cloudflare:workers";
import { expect, it } from "vitest";
import { listEventDefinitions } from "../../src/domain/event-catalogue.ts";
import { asyncApiDocument } from "../../src/http/openapi/frames.ts";
import { ERRORS } from "../../src/protocol/errors.ts";
import { CLOSE } from "../../src/protocol/wire.ts";
import { refsOf, resolveRef } from "./document-walk.ts";

interface Document {
  asyncapi: string;
  channels: { relationship: { messages: Record<string, object> } };
  operations: Record<string, { action: string; messages: { $ref: string }[] }>;
  components: { messages: Record<string, { summary: string; payload: object }>; schemas: Record<string, object> };
  "x-close-codes": { code: number; meaning: string }[];
  "x-errors": { code: string }[];
}

const document = asyncApiDocument("api.example") as unknown as Document;

it("is the document that the Worker serves", async () => {
  const response = await exports.default.fetch("https://api.example/asyncapi.json");
  expect(((await response.json()) as Document).asyncapi).toBe("3.0.0");
});

it("has every frame of both sides, each explained", () => {
  const names = Object.keys(document.components.messages);
  expect(names.toSorted()).toEqual([
    "client.batch",
    "client.command",
    "client.ping",
    "client.presence",
    "client.query",
    "client.sync",
    "server.ended",
    "server.error",
    "server.events",
    "server.pong",
    "server.presence",
    "server.ready",
    "server.result",
    "server.results",
    "server.synced",
  ]);
  const silent = Object.values(document.components.messages).filter(
    ({ summary, payload }) => summary === "" || Object.keys(payload).length === 0,
  );
  expect(silent).toEqual([]);
  expect(Object.keys(document.channels.relationship.messages)).toEqual(names);
});

it("has a schema for each event of the log", () => {
  const events = Object.keys(document.components.schemas).map((name) => name.replace("event.", ""));
  expect(events).toEqual(listEventDefinitions().map(({ name }) => name));
  expect(events).toEqual(expect.arrayContaining(["checkin.submitted", "achievement.earned", "member.joined"]));
});

it("resolves every reference", () => {
  expect(refsOf(document).filter((each) => resolveRef(document, each) === undefined)).toEqual([]);
});

it("explains every close code and lists every error", () => {
  expect(document["x-close-codes"].map(({ code }) => code)).toEqual(Object.values(CLOSE));
  expect(document["x-errors"].map(({ code }) => code)).toEqual(Object.keys(ERRORS));
});
