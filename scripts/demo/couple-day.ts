import assert from "node:assert/strict";
import { waitForMail } from "../mailbox.ts";
import { refusal, THEO, type Cast, type Day } from "./couple-cast.ts";
import { eventually, type Stage } from "./stage.ts";

/** From two strangers to a couple on one object. @returns the relationship's id */
export async function meet(stage: Stage, { mira, theo, tally }: Cast): Promise<string> {
  await stage.step("Mira signs up in Lisbon, Theo in New York", async () => {
    await Promise.all([mira.signUp(), theo.signUp()]);
  });
  await stage.step("Nobody is let in before their address is confirmed", async () => {
    assert.equal(await refusal(mira.signIn()), "unauthenticated");
  });
  await stage.step("Both confirm their address with the link in the mailbox, and sign in", async () => {
    for (const person of [mira, theo]) {
      await person.confirmAddress(stage.origin);
      await person.signIn();
      assert.equal((await person.client.me()).emailVerified, true);
    }
  });
  const relationshipId = await stage.step("Mira invites Theo by mail, and he accepts", async () => {
    await mira.client.invite({ inviteeEmail: THEO.email });
    const { links } = await waitForMail(stage.origin, THEO.email, "partner_invitation");
    const token = links.map((link) => new URL(link).hash.replace("#token=", "")).find((part) => part !== "") ?? "";
    assert.equal((await theo.client.previewInvitation(token)).inviterName, "Mira");
    const accepted = await theo.client.acceptInvitation({ token });
    assert(accepted.status === "accepted");
    assert.deepEqual([accepted.relationship.status, accepted.relationship.members.length], ["active", 2]);
    return accepted.relationship.id;
  });
  tally.add(mira, "member.joined");
  tally.add(theo, "member.joined");
  await stage.step("Both connect, and see each other online", async () => {
    await Promise.all([mira.connect(relationshipId), theo.connect(relationshipId)]);
    for (const person of [mira, theo]) {
      await eventually("both are online", () =>
        person.presence.length === 2 && person.presence.every(({ online }) => online) ? true : null,
      );
    }
  });
  return relationshipId;
}

export async function checkIn({ stage, mira, theo, tally }: Day): Promise<void> {
  const note = { gratitudeNote: "You found me", supportNeeded: "Only for me", notesPrivate: true };
  await stage.step(`Mira checks in on her ${mira.today}, and Theo sees it at once`, async () => {
    await mira.connection.command("checkins.submit", {
      date: mira.today,
      connection: 8,
      mood: 7,
      satisfaction: 8,
      ...note,
    });
    tally.add(mira, "checkin.submitted");
    await theo.sees("checkin.submitted", ({ actorId, data }) => actorId === mira.userId && data.date === mira.today);
  });
  await stage.step(`Theo checks in on his ${theo.today}`, async () => {
    const submitted = await theo.connection.command("checkins.submit", { date: theo.today, connection: 6, mood: 6 });
    tally.add(theo, "checkin.submitted");
    assert.equal(submitted.completesDay, mira.today === theo.today);
    await mira.sees("checkin.submitted", ({ actorId }) => actorId === theo.userId);
  });
  if (mira.today !== theo.today) {
    await stage.step(`It is still ${theo.today} in New York: Mira adds that day`, async () => {
      const added = await mira.connection.command("checkins.submit", {
        date: theo.today,
        connection: 8,
        satisfaction: 8,
      });
      tally.add(mira, "checkin.submitted");
      assert.equal(added.completesDay, true);
    });
  }
  await stage.step("They have a streak of one day, and Mira's private notes stay hers", async () => {
    const { streaks } = await mira.connection.query("insights.dashboard");
    assert.equal(streaks.ours?.current, 1);
    const seen = await theo.connection.query("checkins.get", { date: mira.today });
    assert.deepEqual([seen.partner?.connection, seen.partner?.supportNeeded], [8, null]);
  });
}

export async function goOut({ stage, mira, theo, tally }: Day): Promise<void> {
  const id = await stage.step("Mira plans a date night, and Theo is told", async () => {
    const plan = { name: "Dinner at nine", type: "date_night", plannedDate: mira.today } as const;
    const activity = await mira.connection.command("activities.plan", plan);
    tally.add(mira, "activity.planned");
    await theo.sees("activity.planned", ({ subjectId }) => subjectId === activity.id);
    return activity.id;
  });
  await stage.step("Theo marks it as done, both rate it", async () => {
    await theo.connection.command("activities.complete", { id, rating: 9 });
    tally.add(theo, "activity.completed");
    await mira.sees("activity.completed", ({ subjectId }) => subjectId === id);
    const rated = await mira.connection.command("activities.rate", { id, rating: 10 });
    tally.add(mira, "activity.rated");
    const ratings = Object.fromEntries(rated.ratings.map(({ userId, rating }) => [userId, rating]));
    assert.deepEqual([rated.status, ratings], ["completed", { [mira.userId]: 10, [theo.userId]: 9 }]);
  });
}

export async function takeChallenge({ stage, mira, theo, tally }: Day): Promise<void> {
  const participationId = await stage.step("Theo starts a challenge of seven days", async () => {
    const started = await theo.connection.command("challenges.start", { challengeId: "daily_gratitude_7" });
    tally.add(theo, "challenge.started");
    await mira.sees("challenge.started", ({ subjectId }) => subjectId === started.id);
    return started.id;
  });
  await stage.step("Both write an entry: one day of seven", async () => {
    for (const person of [mira, theo]) {
      const entry = { participationId, date: person.today, completed: true, content: "Thank you for today." };
      await person.connection.command("challenges.log_entry", entry);
      tally.add(person, "challenge.entry_logged");
    }
    const { progress, entries } = await mira.connection.query("challenges.get", { participationId });
    assert.equal(entries.items.length, 2);
    assert.deepEqual([progress.couple, progress.members.map(({ done }) => done)], [14, [1, 1]]);
  });
}

export async function earn({ stage, mira, theo, tally }: Day): Promise<void> {
  await stage.step("They have earned two achievements and 30 points; both were told", async () => {
    for (const [achievementId, by] of [
      ["first_checkin", mira],
      ["challenge_starter", theo],
    ] as const) {
      for (const person of [mira, theo]) {
        await person.sees("achievement.earned", ({ data }) => data.achievementId === achievementId);
      }
      tally.add(by, "achievement.earned");
    }
    for (const person of [mira, theo]) {
      const { balance } = await person.connection.query("achievements.points");
      const inbox = await person.connection.query("inbox.list", { limit: 100, unreadOnly: true });
      const told = inbox.items.filter(({ type }) => type === "achievement");
      assert.deepEqual([balance, told.length], [30, 2]);
    }
  });
}
