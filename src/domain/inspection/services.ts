import { CONTENT } from "../content.ts";
import { COUPLE_STREAM } from "../events.ts";
import { defineService, type ServiceContext } from "../service.ts";
import { inspectInput, type Inspection } from "./schema.ts";
import {
  countRows,
  findLastFlushAt,
  findSchemaVersion,
  listAbsorptions,
  listDirty,
  listEventNames,
  listEveryMember,
  listJobs,
  listMaskedRows,
  listReceiptTimes,
  listTableNames,
} from "./store.ts";

const COMMANDS_SHOWN = 50;
const EVENTS_READ = 300;

/** An operator's look inside, with nothing that anybody wrote. Whoever asks has written it to the audit log before. */
export const inspectService = defineService({
  name: "operations.inspect",
  input: inspectInput,
  readOnly: true,
  run(ctx, { table, limit }): Inspection {
    const { id, status, statusVersion, membershipVersion, epoch, createdAt } = ctx.relationship;
    const members = listEveryMember(ctx.sql);
    const content = CONTENT.find((each) => each.table === table);
    return {
      relationshipId: id,
      schemaVersion: findSchemaVersion(ctx.sql),
      status,
      statusVersion,
      membershipVersion,
      epoch,
      createdAt,
      lastFlushAt: findLastFlushAt(ctx.sql),
      databaseBytes: ctx.shell.databaseBytes(),
      openSockets: ctx.shell.openSockets(),
      members,
      schedule: listJobs(ctx.sql).map((job) => ({
        ...job,
        key: maskedKey(job.key),
        lastError: job.lastError === null ? null : errorKind(job.lastError),
      })),
      commands: lastCommands(
        ctx,
        members.map(({ userId }) => userId),
      ),
      tables: listTableNames(ctx.sql).map((name) => ({ table: name, rows: countRows(ctx.sql, name) })),
      waitingForFlush: listDirty(ctx.sql),
      absorptions: listAbsorptions(ctx.sql),
      rows: content === undefined ? null : listMaskedRows(ctx.sql, content, limit),
    };
  },
});

/** Receipts do not keep a command's name; what it wrote to the log in the same moment tells it. */
function lastCommands(ctx: ServiceContext, memberIds: readonly string[]): Inspection["commands"] {
  const names = new Map<string, Set<string>>();
  for (const stream of [COUPLE_STREAM, ...memberIds]) {
    for (const { actorId, at, name } of listEventNames(ctx.sql, stream, EVENTS_READ)) {
      const key = `${actorId} ${at}`;
      names.set(key, (names.get(key) ?? new Set()).add(name));
    }
  }
  return memberIds
    .flatMap((memberId) => listReceiptTimes(ctx.sql, memberId, COMMANDS_SHOWN))
    .toSorted((a, b) => b.at - a.at)
    .slice(0, COMMANDS_SHOWN)
    .map(({ memberId, at }) => ({ memberId, at, events: [...(names.get(`${memberId} ${at}`) ?? [])].toSorted() }));
}

/** `part_…9f3c` for an id: enough to tell jobs apart, too little to name anything. */
function maskedKey(key: string): string {
  return key.replaceAll(/[^a-z0-9_ :.-]/gi, "?").replaceAll(/[0-9a-z-]{12,}/gi, (id) => `…${id.slice(-4)}`);
}

/** The error's name and the database's code: a message can quote what somebody wrote. */
function errorKind(text: string): string {
  const name = /^[A-Za-z]+/.exec(text)?.[0] ?? "Error";
  const code = /SQLITE_[A-Z_]+|D1_ERROR/.exec(text)?.[0];
  return code === undefined ? name : `${name} ${code}`;
}
