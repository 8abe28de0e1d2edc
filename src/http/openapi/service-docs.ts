import { clockAnswer, clockSchema } from "../clock-input.ts";
import { rebuildOutput } from "../../domain/insights/rebuild.ts";
import * as z from "zod";
import { mailboxQuerySchema } from "../../auth/input.ts";
import * as answers from "./answers.ts";
import { ok, type RouteDoc } from "./route-doc.ts";

export const service: readonly RouteDoc[] = [
  {
    method: "get",
    path: "/health",
    operationId: "health",
    tag: "service",
    summary: "Whether the Worker runs",
    session: false,
    answers: [ok(answers.healthAnswer, "It runs")],
    errors: [],
  },
  {
    method: "get",
    path: "/health/ready",
    operationId: "ready",
    tag: "service",
    summary: "Whether it can reach the database",
    session: false,
    answers: [ok(answers.readyAnswer, "It can"), ok(answers.notReadyAnswer, "It cannot", 503)],
    errors: [],
  },
  {
    method: "get",
    path: "/openapi.json",
    operationId: "openapi",
    tag: "service",
    summary: "This document",
    session: false,
    answers: [ok(z.looseObject({}), "OpenAPI 3.1")],
    errors: [],
  },
  {
    method: "get",
    path: "/asyncapi.json",
    operationId: "asyncapi",
    tag: "service",
    summary: "The frames of the socket",
    session: false,
    answers: [ok(z.looseObject({}), "AsyncAPI 3.0")],
    errors: [],
  },
];

const DEVELOPMENT = "Development only, not found elsewhere: ";

export const development: readonly RouteDoc[] = [
  {
    method: "get",
    path: "/api/dev/demo-couple",
    operationId: "demoCouple",
    tag: "development",
    summary: `${DEVELOPMENT}the accounts of the demo couple, and their relationship once it was made`,
    session: false,
    answers: [ok(answers.demoCoupleAnswer, "People who exist nowhere else")],
    errors: [404],
  },
  {
    method: "get",
    path: "/api/dev/rebuild/{id}",
    operationId: "rebuild",
    tag: "development",
    summary: `${DEVELOPMENT}what in a relationship's object does not follow from its tables`,
    session: false,
    answers: [ok(rebuildOutput, "Nothing, unless there is a bug")],
    errors: [404],
  },
  {
    method: "post",
    path: "/api/dev/clock",
    operationId: "turnClock",
    tag: "development",
    summary: `${DEVELOPMENT}lets the server live ahead of time`,
    session: false,
    body: clockSchema,
    answers: [ok(clockAnswer, "The server's time from now on")],
    errors: [400, 404],
  },
  {
    method: "get",
    path: "/dev/mailbox",
    operationId: "mailboxPage",
    tag: "development",
    summary: `${DEVELOPMENT}what would have been mailed`,
    session: false,
    answers: [{ status: 200, description: "A list", html: true }],
    errors: [404],
  },
  {
    method: "get",
    path: "/dev/mailbox.json",
    operationId: "mailbox",
    tag: "development",
    summary: `${DEVELOPMENT}what would have been mailed, to one address or to all`,
    session: false,
    query: mailboxQuerySchema,
    answers: [ok(answers.mailboxAnswer, "Newest first")],
    errors: [400, 404],
  },
  {
    method: "get",
    path: "/dev/mailbox/{id}",
    operationId: "mailPage",
    tag: "development",
    summary: `${DEVELOPMENT}one mail`,
    session: false,
    answers: [{ status: 200, description: "The mail", html: true }],
    errors: [404],
  },
];
