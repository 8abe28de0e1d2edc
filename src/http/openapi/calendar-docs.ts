import * as z from "zod";
import { ok, type RouteDoc } from "./route-doc.ts";

const addressAnswer = z.strictObject({
  address: z.string().nullable().describe("Null until `dates.create_feed` made one"),
  createdAt: z.int().nullable(),
});

export const calendar: readonly RouteDoc[] = [
  {
    method: "get",
    path: "/api/relationships/{id}/calendar-feed",
    operationId: "calendarFeed",
    tag: "dates",
    summary: "My secret calendar address, to subscribe to in a calendar application",
    session: true,
    answers: [ok(addressAnswer, "The address, or null")],
    errors: [401, 404, 409],
  },
  {
    method: "get",
    path: "/calendar/{id}/{file}",
    operationId: "calendar",
    tag: "dates",
    summary: "What a calendar application fetches: important dates, planned activities, milestones",
    session: false,
    query: z.object({ key: z.string().describe("The address is its own proof") }),
    answers: [
      { status: 200, description: "An iCalendar file (text/calendar, RFC 5545)" },
      { status: 304, description: "Nothing has changed" },
    ],
    errors: [404, 410, 429],
  },
];
