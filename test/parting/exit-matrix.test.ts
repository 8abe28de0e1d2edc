import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { eraseMember } from "../../src/domain/erasure/services.ts";
import { RELATIONSHIP_STATUSES, STATE_CAPABILITIES } from "../../src/domain/membership/rules.ts";
import {
  EXIT_MATRIX,
  FORMER_MEMBER,
  FREEZE_MS,
  STATUS_MOVES,
  type ExitAct,
  type Fate,
} from "../../src/domain/parting/rules.ts";
import { deliverTo } from "../../src/pairing/outbox.ts";
import { callService } from "../../src/relationship/stub.ts";
import { settle } from "../support/absorbing.ts";
import { TestMember } from "../support/couple.ts";
import { rowsOf } from "../support/object.ts";
import { alarm, liveIdOf, pair, START, type Pair } from "./parting-steps.ts";

const documents = import.meta.glob<string>("../../docs/PARTING.md", {
  query: "?raw",
  import: "default",
  eager: true,
});
// The formatter pads the cells.
const published = (Object.values(documents)[0] ?? "").replaceAll(/ +\|/g, " |");

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: START });
});

afterEach(() => {
  vi.useRealTimers();
});

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
const CELLS = [
  ["private", "mine"],
  ["private", "theirs"],
  ["shared", "mine"],
  ["shared", "theirs"],
  ["joint", "mine"],
  ["joint", "theirs"],
] as const;
type CellName = `${(typeof CELLS)[number][0]} ${(typeof CELLS)[number][1]}`;

describe("docs/PARTING.md says what the code does", () => {
  const capabilities = ["read", "write", "profile", "inbox", "export", "pause", "resume", "exit", "parting"] as const;

  it("in the table of states", () => {
    expect(published).toContain(line(["State", ...capabilities]));
    expect(Object.values(STATE_CAPABILITIES).flat()).toEqual(
      Object.values(STATE_CAPABILITIES)
        .flat()
        .filter((capability) => capabilities.includes(capability)),
    );
    for (const status of RELATIONSHIP_STATUSES) {
      const cells = capabilities.map((capability) => (STATE_CAPABILITIES[status].includes(capability) ? "yes" : "-"));
      expect(published).toContain(line([status, ...cells]));
    }
  });

  it("in the table of moves", () => {
    for (const [name, { from, to, by, decider }] of Object.entries(STATUS_MOVES)) {
      expect(published).toContain(line([name, from.join(", "), to, by, decider]));
    }
  });

  it("in the table of rows", () => {
    for (const [act, row] of Object.entries(EXIT_MATRIX)) {
      expect(published).toContain(line([act, ...CELLS.map(([rowClass, whose]) => row[rowClass][whose])]));
    }
  });
});

/** One row of each kind, by their places in the matrix as Ada sees it. */
async function withRows(): Promise<Pair & { ids: Record<CellName, string> }> {
  const couple = await pair();
  const now = { now: START };
  const ids = {} as Record<CellName, string>;
  for (const [whose, member] of [
    ["mine", couple.a],
    ["theirs", couple.b],
  ] as const) {
    const hidden = await member.run("notes.write", { body: "Mine alone", private: true }, now);
    const shared = await member.run("notes.write", { body: "For both" }, now);
    const joint = await member.run("activities.plan", { name: "Walk", type: "adventure" }, now);
    ids[`private ${whose}`] = String(hidden["id"]);
    ids[`shared ${whose}`] = String(shared["id"]);
    ids[`joint ${whose}`] = String(joint["id"]);
  }
  return { ...couple, ids };
}

interface Found {
  author: string;
  formerAuthor: number;
  visibility: string;
}

async function findRow(relationshipId: string, id: string): Promise<Found | null> {
  const query = id.startsWith("note_")
    ? "SELECT user_id AS author, 0 AS formerAuthor, visibility FROM notes WHERE id = ?"
    : "SELECT created_by_user_id AS author, former_author AS formerAuthor, visibility FROM activities WHERE id = ?";
  const [row] = await rowsOf<Found>({ relationshipId }, query, id);
  return row ?? null;
}

/** What has become of a row in the couple's own object, as Grace sees a joint one. */
async function fateHere(couple: Pair, id: string): Promise<Fate> {
  const row = await findRow(couple.relationshipId, id);
  if (row === null) return "deleted";
  if (!id.startsWith("act_")) return "stays";
  const shown = await couple.b.run("activities.get", { id }, { now: Date.now() });
  return shown["createdBy"] === FORMER_MEMBER ? "former_member" : "stays";
}

/** What has become of a row for Ada after the end. */
async function fateOfPart(ada: string, id: string): Promise<Fate> {
  const soloId = await liveIdOf(ada);
  const row = soloId === null ? null : await findRow(soloId, id);
  if (row === null) return "not_taken";
  expect(row).toMatchObject({ author: ada, visibility: "private" });
  return row.formerAuthor === 1 ? "taken_as_former_member" : "taken";
}

async function atTheEnd(couple: Pair): Promise<void> {
  vi.setSystemTime(START + FREEZE_MS);
  await alarm(couple);
  for (const person of [couple.ada, couple.grace]) {
    const soloId = await liveIdOf(person.userId);
    if (soloId === null) continue;
    await deliverTo(env, Date.now(), soloId);
    await settle(soloId);
  }
}

const ACTS: Record<ExitAct, (couple: Pair) => Promise<unknown>> = {
  leave: ({ a }) => a.run("membership.leave", {}, { now: START }),
  purge: async ({ a, b }) => {
    await b.run("membership.leave", {}, { now: START });
    return a.run("membership.purge_mine", { confirm: "delete my part" }, { now: START });
  },
  erase: ({ relationshipId, ada }) => callService(env, relationshipId, eraseMember, { userId: ada.userId }, START),
  decline: async (couple) => {
    await couple.b.run("membership.leave", {}, { now: START });
    await couple.a.run("membership.set_parting_choice", { choice: "decline" }, { now: START });
    await atTheEnd(couple);
  },
  thirty_days: async (couple) => {
    await couple.a.run("membership.leave", {}, { now: START });
    await atTheEnd(couple);
  },
};

describe.each(Object.keys(EXIT_MATRIX) as ExitAct[])("%s", (act) => {
  it("does to every row what the matrix says", async () => {
    const couple = await withRows();
    await ACTS[act](couple);
    const isEnd = act === "decline" || act === "thirty_days";
    for (const [rowClass, whose] of CELLS) {
      const id = couple.ids[`${rowClass} ${whose}`];
      const fate = isEnd ? await fateOfPart(couple.ada.userId, id) : await fateHere(couple, id);
      expect([rowClass, whose, fate]).toEqual([rowClass, whose, EXIT_MATRIX[act][rowClass][whose]]);
    }
    // The other's private rows are nobody else's, whatever happens.
    const hidden = await new TestMember(couple.relationshipId, couple.ada.userId).reply(
      "notes.get",
      { id: couple.ids["private theirs"] },
      { now: Date.now() },
    );
    expect(hidden).toMatchObject({ ok: false, error: { code: "not_found" } });
  });
});
