import { FORMER_MEMBER } from "../parting/rules.ts";
import type { Sql } from "../sql.ts";

export function findMemberSlot(sql: Sql, userId: string): number | null {
  return sql.first<{ slot: number }>("SELECT slot FROM members WHERE user_id = ?", userId)?.slot ?? null;
}

/**
 * Everything about a person that no list of content names: their name and choices, what they alone earned, counters,
 * tokens, and their id in the log. The sequence of the couple's log has no gap afterwards.
 */
export function forgetPerson(sql: Sql, userId: string, now: number): void {
  sql.run(
    `UPDATE members SET display_name = 'Former member', timezone = 'UTC', preferences = '{}', hidden_streaks = 0,
       erased_at = coalesce(erased_at, ?2) WHERE user_id = ?1`,
    userId,
    now,
  );
  sql.run("DELETE FROM relationship_events WHERE stream = ?", userId);
  sql.run("DELETE FROM summary_cursors WHERE stream = ?", userId);
  // What they did counts for nobody: neither now, nor when the counters are flushed, nor when they are made anew.
  sql.run("UPDATE relationship_events SET actor_id = ?2, counted = 0 WHERE actor_id = ?1", userId, FORMER_MEMBER);
  sql.run(
    "UPDATE relationship_events SET data = replace(data, ?1, ?2) WHERE instr(data, ?1) > 0",
    userId,
    FORMER_MEMBER,
  );
  sql.run("UPDATE relationship_events SET subject_id = NULL WHERE subject_id = ?", userId);
  // What the other was answered once, told again to a repeated command.
  sql.run(
    "UPDATE command_receipts SET result = replace(result, ?1, ?2) WHERE instr(result, ?1) > 0",
    userId,
    FORMER_MEMBER,
  );
  sql.run("DELETE FROM event_summaries WHERE user_id = ?", userId);
  sql.run("DELETE FROM score_dates WHERE user_id = ?", userId);
  // Reminders and mails that were planned for them.
  sql.run("DELETE FROM schedule WHERE instr(key, ?) > 0", userId);
  sql.run("DELETE FROM points WHERE member_id = ?", userId);
  sql.run("DELETE FROM user_achievements WHERE earned_by_user_id = ?", userId);
  sql.run("UPDATE relationship_pauses SET paused_by_user_id = NULL WHERE paused_by_user_id = ?", userId);
  sql.run("DELETE FROM socket_tokens WHERE user_id = ?", userId);
  // What was on its way here stays where it is; the directory has called it off.
  sql.run(
    "UPDATE absorptions SET finished_at = ?2, cursor = NULL WHERE user_id = ?1 AND finished_at IS NULL",
    userId,
    now,
  );
}
