import assert from "node:assert/strict";
import { addDays } from "../../src/domain/calendar.ts";
import { waitForMail } from "../mailbox.ts";
import { refusal } from "./couple-cast.ts";
import { SAM, SECRETS, type Life } from "./life-cast.ts";
import type { Person } from "./person.ts";
import { eventually, type Stage } from "./stage.ts";

type Cast = Omit<Life, "relationshipId">;

/** Each with a history of their own, which both keep when they become a couple. @returns the couple's relationship */
export async function aloneThenTogether({ stage, clock, nora, sam }: Cast): Promise<string> {
  const own = await stage.step("Nora in Madrid and Sam in Auckland begin alone, and write for three days", async () => {
    const ids: string[] = [];
    for (const person of [nora, sam]) ids.push(await beginAlone(stage, person));
    for (let day = 0; day < 3; day++) {
      for (const [index, person] of [nora, sam].entries()) {
        const secret = index === 0 ? SECRETS.nora : SECRETS.sam;
        const input = { date: person.today, mood: 6, highlight: secret };
        await person.client.command(ids[index] ?? "", "checkins.submit", input);
      }
      await clock.forward(1);
    }
    const { mine } = await sam.client.query(ids[1] ?? "", "insights.streaks");
    assert.equal(mine?.current, 3);
    return { nora: ids[0] ?? "", sam: ids[1] ?? "" };
  });

  const relationshipId = await stage.step("Nora invites Sam, and both histories come along", async () => {
    await nora.client.invite({ inviteeEmail: SAM.email });
    const { links } = await waitForMail(stage.origin, SAM.email, "partner_invitation");
    const token = links.map((link) => new URL(link).hash.replace("#token=", "")).find((part) => part !== "") ?? "";
    const accepted = await sam.client.acceptInvitation({ token });
    assert(accepted.status === "accepted");
    assert.equal(accepted.relationship.id, own.nora);
    await eventually("Sam finds his three days in the couple's object", async () => {
      const { items } = await sam.client.query(own.nora, "checkins.list", { member: "me" });
      return items.length === 3 ? true : null;
    });
    return accepted.relationship.id;
  });

  await stage.step("What each wrote alone stays theirs, and Sam's old object is gone", async () => {
    for (const [reader, secret] of [
      [nora, SECRETS.sam],
      [sam, SECRETS.nora],
    ] as const) {
      const seen = await reader.client.query(relationshipId, "insights.snapshot");
      assert(!JSON.stringify(seen).includes(secret), "a private row shows");
    }
    await eventually("Sam's old object answers nobody", async () =>
      (await refusal(sam.client.query(own.sam, "membership.get"))) === "not_found" ? true : null,
    );
  });

  await stage.step("They have been together for 98 days, and tell when", async () => {
    const startDate = addDays(nora.today, -98);
    const { relationship } = await nora.client.query(relationshipId, "membership.get");
    const edit = { version: relationship.version, startDate };
    await nora.client.command(relationshipId, "membership.update_profile", edit);
    const { next, daysTogether } = await sam.client.query(relationshipId, "dates.milestones");
    assert.deepEqual([daysTogether, next[0]?.days], [98, 100]);
  });
  return relationshipId;
}

async function beginAlone(stage: Stage, person: Person): Promise<string> {
  await person.signUp();
  await person.confirmAddress(stage.origin);
  await person.signIn();
  return (await person.client.openRelationship()).id;
}
