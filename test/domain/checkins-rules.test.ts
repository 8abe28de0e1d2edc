import { describe, expect, it } from "vitest";
import { localDate } from "../../src/domain/calendar.ts";
import { requireLateDays } from "../../src/domain/checkins/rules.ts";
import { submitInput } from "../../src/domain/checkins/schema.ts";

describe("which dates a member can enter", () => {
  it.each([
    ["today", "2026-06-15", false, 0],
    ["yesterday", "2026-06-14", false, 1],
    ["the day before", "2026-06-13", false, 2],
    ["offline, the day before that", "2026-06-12", true, 3],
    ["offline, 35 days ago", "2026-05-11", true, 35],
    ["offline, today", "2026-06-15", true, 0],
  ])("%s", (_what, date, offline, late) => {
    expect(requireLateDays(date, "2026-06-15", offline)).toBe(late);
  });

  it.each([
    ["tomorrow", "2026-06-16", false],
    ["tomorrow, even offline", "2026-06-16", true],
    ["three days ago", "2026-06-12", false],
    ["offline, 36 days ago", "2026-05-10", true],
    ["a year ahead", "2027-06-15", true],
  ])("refuses %s and names the field without its value", (_what, date, offline) => {
    const refuse = () => requireLateDays(date, "2026-06-15", offline);
    expect(refuse).toThrow(expect.objectContaining({ code: "invalid_input" }));
    expect(refuse).toThrow(
      expect.objectContaining({ details: { issues: [{ path: "date", message: expect.not.stringContaining(date) }] } }),
    );
  });

  // Instants around the date line and clock changes: what the zone's calendar shows decides.
  it.each([
    ["2026-06-15T10:30:00Z", "Pacific/Auckland", "2026-06-15"],
    ["2026-06-15T12:30:00Z", "Pacific/Auckland", "2026-06-16"],
    ["2026-06-15T09:30:00Z", "Pacific/Honolulu", "2026-06-14"],
    ["2026-06-15T10:30:00Z", "Pacific/Honolulu", "2026-06-15"],
    ["2026-06-15T10:30:00Z", "Pacific/Kiritimati", "2026-06-16"],
    ["2026-03-29T00:59:59Z", "Europe/Lisbon", "2026-03-29"],
    ["2026-10-24T22:59:59Z", "Europe/Lisbon", "2026-10-24"],
    ["2026-10-25T00:30:00Z", "Europe/Lisbon", "2026-10-25"],
    ["2026-10-03T15:29:59Z", "Australia/Lord_Howe", "2026-10-04"],
    ["2026-04-04T12:59:59Z", "Australia/Lord_Howe", "2026-04-04"],
    ["2026-06-15T18:29:59Z", "Asia/Calcutta", "2026-06-15"],
    ["2026-06-15T18:30:00Z", "Asia/Calcutta", "2026-06-16"],
  ])("at %s it is in %s the %s", (instant, zone, date) => {
    expect(localDate(Date.parse(instant), zone)).toBe(date);
  });
});

describe("what a check-in may hold", () => {
  const good = { date: "2026-06-15", mood: 7 };

  it.each([
    ["a score alone", good],
    ["three scores at their ends", { date: "2026-06-15", connection: 1, mood: 10, satisfaction: 5 }],
    ["notes of 500 characters", { ...good, gratitudeNote: "a".repeat(500), highlight: "\u{1f600}".repeat(250) }],
    ["null to clear", { ...good, supportNeeded: null }],
    ["the privacy of its notes alone", { date: "2026-06-15", notesPrivate: true }],
  ])("takes %s", (_what, input) => {
    expect(submitInput.safeParse(input).success).toBe(true);
  });

  it.each([
    ["no date", { mood: 7 }, "date"],
    ["a date and nothing else", { date: "2026-06-15" }, ""],
    ["a date and only how it arrives", { date: "2026-06-15", offline: true }, ""],
    ["a day that is not in the calendar", { ...good, date: "2026-02-29" }, "date"],
    ["a time instead of a date", { ...good, date: "2026-06-15T00:00:00Z" }, "date"],
    ["a score of 0", { ...good, mood: 0 }, "mood"],
    ["a score of 11", { ...good, connection: 11 }, "connection"],
    ["a score with decimals", { ...good, satisfaction: 7.5 }, "satisfaction"],
    ["a score as text", { ...good, mood: "7" }, "mood"],
    ["a huge number", { ...good, mood: 1e308 }, "mood"],
    ["a note of 501 characters", { ...good, gratitudeNote: "a".repeat(501) }, "gratitudeNote"],
    ["a note with NUL", { ...good, highlight: "a\u0000b" }, "highlight"],
    ["a note with a lone surrogate", { ...good, supportNeeded: "\ud800" }, "supportNeeded"],
    ["privacy as a number", { ...good, notesPrivate: 1 }, "notesPrivate"],
    ["somebody else's name", { ...good, userId: "someone" }, ""],
  ])("refuses %s", (_what, input, path) => {
    const parsed = submitInput.safeParse(input);
    expect(parsed.success).toBe(false);
    expect(parsed.error?.issues[0]?.path.join(".")).toBe(path);
  });
});
