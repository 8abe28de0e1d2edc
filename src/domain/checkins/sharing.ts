import { AppError } from "../../protocol/errors.ts";
import { reevaluateAll } from "../achievements/evaluate.ts";
import { defineCommand } from "../command.ts";
import { requireShareable } from "../visibility.ts";
import { checkinShared, streaksHidden } from "./events.ts";
import { hideStreaksInput, hideStreaksOutput, shareInput, shareOutput } from "./schema.ts";
import { findOwnCheckin, listCheckinsOn, saveStreaksHidden, shareCheckin } from "./store.ts";

const share = defineCommand({
  name: "checkins.share",
  summary: "Show the partner a day that I wrote alone; it then counts for both, and cannot be taken back",
  input: shareInput,
  output: shareOutput,
  events: [checkinShared],
  run(ctx, { date, withNotes }) {
    const row = findOwnCheckin(ctx.sql, ctx.me.userId, date);
    if (row === null) throw new AppError("not_found", "There is no check-in of that date");
    requireShareable(ctx, { authorId: row.userId, visibility: row.visibility });
    shareCheckin(ctx.sql, row, withNotes ? "shared" : "private", ctx.now);
    ctx.closedMonths.changed(date);
    const completesDay = listCheckinsOn(ctx.sql, ctx.me.userId, date).some(({ userId }) => userId !== ctx.me.userId);
    ctx.emit(checkinShared, { date, lateDays: row.lateDays, withNotes, completesDay }, { subjectId: row.id });
    // The day can lie further back than what a write is usually looked at for.
    reevaluateAll(ctx);
    ctx.relationshipChanged();
    return { date, completesDay, version: row.version + 1 };
  },
});

const setStreaksHidden = defineCommand({
  name: "checkins.set_streaks_hidden",
  summary: "Be shown streaks no longer, or again; nothing is lost and the partner's view stays as it is",
  input: hideStreaksInput,
  output: hideStreaksOutput,
  events: [streaksHidden],
  run(ctx, { hidden }) {
    if ((ctx.me.hidesStreaks === 1) !== hidden) {
      saveStreaksHidden(ctx.sql, ctx.me.userId, hidden);
      ctx.relationshipChanged();
      ctx.emit(streaksHidden, { hidden }, { to: ctx.me.userId });
    }
    return { hidden };
  },
});

export const commands = [share, setStreaksHidden];
