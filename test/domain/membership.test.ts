import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { RELATIONSHIP_STATUSES, STATE_CAPABILITIES, can } from "../../src/domain/membership/rules.ts";
import type { Profile } from "../../src/domain/membership/schema.ts";
import { createCouple, createSolo, join, NOON, type TestCouple } from "../support/couple.ts";

async function profileEvents({ relationshipId }: TestCouple): Promise<{ stream: string; data: unknown }[]> {
  return runInDurableObject(env.RELATIONSHIP.getByName(relationshipId), (_object, state) =>
    state.storage.sql
      .exec<{ stream: string; data: string }>(
        "SELECT stream, data FROM relationship_events WHERE name = 'relationship.updated' ORDER BY stream, seq",
      )
      .toArray()
      .map(({ stream, data }) => ({ stream, data: JSON.parse(data) as unknown })),
  );
}

describe("who may do what in which state", () => {
  it("lets nobody write once it is frozen or over", () => {
    const writable = RELATIONSHIP_STATUSES.filter((status) => can(status, "write"));
    expect(writable).toEqual(["solo", "active", "paused"]);
    expect(STATE_CAPABILITIES.ended).toEqual([]);
  });

  it("always lets members read and export until the end", () => {
    for (const status of RELATIONSHIP_STATUSES.filter((each) => each !== "ended")) {
      expect([status, can(status, "read"), can(status, "export")]).toEqual([status, true, true]);
    }
  });
});

describe("the profile", () => {
  it("names both with their zones, my place, and what I may do", async () => {
    const { a, b, relationshipId } = await createCouple({ zones: ["Europe/Lisbon", "Asia/Tokyo"] });
    const mine = await a.run<Profile>("membership.get");
    expect(mine.relationship).toMatchObject({ id: relationshipId, status: "active", homeTimezone: "Europe/Lisbon" });
    expect(mine.members).toMatchObject([
      { userId: a.userId, slot: 1, timezone: "Europe/Lisbon" },
      { userId: b.userId, slot: 2, timezone: "Asia/Tokyo" },
    ]);
    expect(mine.capabilities).toEqual(STATE_CAPABILITIES.active);
    expect((await b.run<Profile>("membership.get")).mySlot).toBe(2);
  });

  it("is known to one alone, and follows the partner's joining at once", async () => {
    const solo = await createSolo();
    const alone = await solo.a.run<Profile>("membership.get");
    expect(alone).toMatchObject({ mySlot: 1, relationship: { status: "solo" } });
    expect(alone.capabilities).not.toContain("exit");
    const { a } = await join(solo);
    expect((await a.run<Profile>("membership.get")).members).toHaveLength(2);
  });

  it("is another couple's business only", async () => {
    const couple = await createCouple();
    const other = await createCouple();
    const stranger = Object.assign(other.a, { relationshipId: couple.relationshipId });
    expect((await stranger.refused("membership.get")).code).toBe("not_found");
    expect((await stranger.refused("membership.update_profile", { version: 1, startDate: "2020-01-01" })).code).toBe(
      "not_found",
    );
  });
});

describe("changing the profile", () => {
  it("keeps what is absent, clears a date with null, and shows the change to both", async () => {
    const couple = await createCouple();
    const { a, b } = couple;
    await a.run("membership.update_profile", {
      version: 1,
      relationshipType: "married",
      startDate: "2020-02-29",
      anniversaryDate: "2022-05-14",
      homeTimezone: "Asia/Tokyo",
    });
    const after = await b.run<Profile>("membership.update_profile", { version: 2, anniversaryDate: null });
    const expected = {
      type: "married",
      startDate: "2020-02-29",
      anniversaryDate: null,
      homeTimezone: "Asia/Tokyo",
    };
    expect(after.relationship).toMatchObject(expected);
    expect((await a.run<Profile>("membership.get")).relationship).toMatchObject(expected);
    expect(await profileEvents(couple)).toEqual([
      { stream: "couple", data: { fields: ["relationshipType", "startDate", "anniversaryDate", "homeTimezone"] } },
      { stream: "couple", data: { fields: ["anniversaryDate"] } },
    ]);
  });

  it("refuses an edit that began from an older profile, with the profile as it is", async () => {
    const { a, b } = await createCouple();
    const edit = (anniversaryDate: string) => ({ version: 1, anniversaryDate });
    await a.run("membership.update_profile", edit("2020-01-01"));
    const stale = await b.refused("membership.update_profile", edit("2021-01-01"));
    const row = { anniversaryDate: "2020-01-01", version: 2 };
    expect(stale).toMatchObject({ code: "edit_conflict", details: { row } });
    expect((await b.run<Profile>("membership.get")).relationship).toMatchObject(row);
    const blind = await b.refused("membership.update_profile", { anniversaryDate: "2021-01-01" });
    expect(blind).toMatchObject({ code: "invalid_input", details: { issues: [{ path: "version" }] } });
  });

  it("survives the object's sleep", async () => {
    const { a, relationshipId } = await createCouple();
    await a.run("membership.update_profile", { version: 1, startDate: "2021-01-01" });
    await runInDurableObject(env.RELATIONSHIP.getByName(relationshipId), async (_object, state) => {
      await state.storage.sync();
      state.abort();
    }).catch(() => undefined);
    expect((await a.run<Profile>("membership.get")).relationship.startDate).toBe("2021-01-01");
  });

  it("tells nobody of a change that changes nothing", async () => {
    const couple = await createCouple({ startDate: "2021-01-01" });
    await couple.a.run("membership.update_profile", { version: 1, startDate: "2021-01-01" });
    expect(await profileEvents(couple)).toEqual([]);
  });

  it("takes old names of zones", async () => {
    const { a } = await createCouple();
    const { relationship } = await a.run<Profile>("membership.update_profile", {
      version: 1,
      homeTimezone: "Asia/Calcutta",
    });
    expect(relationship.homeTimezone).toBe("Asia/Calcutta");
    expect((await a.run("insights.dashboard", {}, { now: NOON })).today).toBe("2026-06-15");
  });

  it.each([
    ["nothing", {}, ""],
    ["an unknown zone", { homeTimezone: "Mars/Olympus" }, "homeTimezone"],
    ["an offset for a zone", { homeTimezone: "+01:00" }, "homeTimezone"],
    ["a start in the future", { startDate: "2026-06-16" }, "startDate"],
    ["a date that is not in the calendar", { anniversaryDate: "2021-02-29" }, "anniversaryDate"],
    ["an unknown type", { relationshipType: "rivals" }, "relationshipType"],
    ["no home", { homeTimezone: null }, "homeTimezone"],
    ["a field that is not of the profile", { startDate: "2020-01-01", status: "ended" }, "status"],
  ])("refuses %s by the field's name and changes nothing", async (_what, input, path) => {
    const couple = await createCouple();
    const before = await couple.a.run("membership.get");
    const refused = await couple.a.refused("membership.update_profile", { version: 1, ...input });
    expect(refused).toMatchObject({ code: "invalid_input", details: { issues: [{ path }] } });
    expect(await couple.a.run("membership.get")).toEqual(before);
    expect(await profileEvents(couple)).toEqual([]);
  });
});
