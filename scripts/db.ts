import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { catalogueUpserts } from "../src/db/catalogue.ts";
import { CATALOGUE } from "../src/maintenance/catalogue.ts";

const USAGE = `Usage: node scripts/db.ts <command> [--env <local|staging|production>] [options]

Commands
  migrate   apply the migrations that the database does not have yet
  seed      write the catalogues (challenges, achievements, plans, add-ons, credit packs, questions); safe to repeat
  reset     delete the local database, objects and files, then migrate and seed; local only
  role      give an account a role: role EMAIL <user|support|finance|admin>; the account must exist
  console   run SQL: interactively, from a pipe, or once with --command

Options
  --env ENV          which database (default local)
  --persist-to DIR   where local state lives (default .wrangler/state)
  --command SQL      for console: run this and leave
  --write            for console on staging or production: allow statements that are not reads
  --help             this text
`;

const ROOT = resolve(import.meta.dirname, "..");
const WRANGLER = join(ROOT, "node_modules", "wrangler", "bin", "wrangler.js");

/** Which database a command is for. `persistTo` counts for the local one only. */
export interface Target {
  env: "local" | "staging" | "production";
  persistTo: string;
}

/** A mistake of the caller or a refusal: printed without a stack. */
class Refusal extends Error {}

function targetFlags(target: Target): string[] {
  if (target.env === "local") return ["--env", "", "--local", "--persist-to", target.persistTo];
  return ["--env", target.env, "--remote"];
}

/**
 * Runs `wrangler d1 …`. Local runs are silent unless they fail; remote ones talk to the terminal, since they may ask.
 * @returns what it printed, where that was not shown
 */
async function d1(
  target: Target,
  args: readonly string[],
  options: { show?: boolean; read?: boolean } = {},
): Promise<string> {
  const local = target.env === "local";
  const silent = (local && options.show !== true) || options.read === true;
  const env = { ...process.env, WRANGLER_SEND_METRICS: "false", ...(local ? { CI: "1" } : {}) };
  const child = spawn(process.execPath, [WRANGLER, "d1", ...args, ...targetFlags(target)], {
    cwd: ROOT,
    env,
    stdio: [local ? "ignore" : "inherit", silent ? "pipe" : "inherit", silent ? "pipe" : "inherit"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
    });
  }
  const code = await new Promise<number | null>((done, failed) => {
    child.on("error", failed);
    child.on("close", done);
  });
  if (code === 0) return output;
  const hint = local
    ? ""
    : `\nIs the database_id of env.${target.env} filled in wrangler.jsonc, and are you logged in?`;
  throw new Refusal(`${output}wrangler d1 ${args[0]} failed (exit ${code}).${hint}`);
}

/** Applies what is missing, in order. A file that fails is rolled back as a whole, and those after it are not tried. */
export async function migrate(target: Target): Promise<void> {
  await d1(target, ["migrations", "apply", "DB"]);
}

/** Writes the catalogues; a row that already says the same stays untouched. */
export async function seed(target: Target, now: number): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "better-together-seed-"));
  const file = join(directory, "seed.sql");
  try {
    writeFileSync(file, seedSql(now));
    await d1(target, ["execute", "DB", "--yes", "--file", file]);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The seed as one script: the same statements that the Worker would run, with their bind written as a literal. */
export function seedSql(now: number): string {
  return catalogueUpserts(CATALOGUE, now)
    .map(({ sql, rows }) => `${sql.replaceAll("?1", () => `'${rows.replaceAll("'", "''")}'`)};`)
    .join("\n");
}

async function reset(target: Target, now: number): Promise<void> {
  if (target.env !== "local") {
    throw new Refusal(`reset is for the local database only. Nothing was changed on ${target.env}.`);
  }
  // Objects without their directory rows would be orphans, so everything that belongs together goes together.
  for (const store of ["d1", "do", "r2"]) {
    rmSync(join(target.persistTo, "v3", store), { recursive: true, force: true });
  }
  await migrate(target);
  await seed(target, now);
}

const ROLES = ["user", "support", "finance", "admin"];

/** Operators are ordinary accounts with a role; it holds from their next request on. */
async function giveRole(
  target: Target,
  email: string | undefined,
  role: string | undefined,
  now: number,
): Promise<void> {
  if (email === undefined || !/^[^\s'"\\;]+@[^\s'"\\;]+$/.test(email))
    throw new Refusal(`Name an account's address.\n\n${USAGE}`);
  if (role === undefined || !ROLES.includes(role))
    throw new Refusal(`The role is one of ${ROLES.join(", ")}.\n\n${USAGE}`);
  const sql = `UPDATE users SET role = '${role}', updated_at = '${new Date(now).toISOString()}'
    WHERE email = '${email}' AND erased_at IS NULL RETURNING id`;
  const output = await d1(target, ["execute", "DB", "--yes", "--json", "--command", sql], { read: true });
  if (!output.includes('"id"'))
    throw new Refusal(`There is no account of ${email} on ${target.env}. Nothing was changed.`);
}

function isRead(sql: string): boolean {
  return /^\s*(select|explain|pragma)\b/i.test(sql) && !/;\s*\S/.test(sql);
}

async function execute(target: Target, sql: string, write: boolean): Promise<void> {
  if (target.env !== "local" && !write && !isRead(sql)) {
    throw new Refusal(`Only single SELECT, EXPLAIN and PRAGMA statements run on ${target.env} without --write.`);
  }
  await d1(target, ["execute", "DB", "--yes", "--command", sql], { show: true });
}

async function console_(target: Target, write: boolean): Promise<void> {
  const interactive = process.stdin.isTTY;
  const lines = createInterface({ input: process.stdin, output: process.stdout, terminal: interactive });
  lines.setPrompt(`${target.env}> `);
  if (interactive) process.stdout.write("SQL ends with a semicolon; Ctrl-D leaves.\n");
  let sql = "";
  if (interactive) lines.prompt();
  for await (const line of lines) {
    sql += `${line}\n`;
    if (line.trimEnd().endsWith(";")) {
      try {
        await execute(target, sql.trim(), write);
      } catch (error) {
        if (!interactive || !(error instanceof Refusal)) throw error;
        process.stderr.write(`${error.message}\n`);
      }
      sql = "";
    }
    if (interactive) lines.prompt();
  }
  if (sql.trim() !== "") await execute(target, sql.trim(), write);
}

function parse(args: string[]) {
  const options = {
    env: { type: "string", default: "local" },
    "persist-to": { type: "string" },
    command: { type: "string" },
    write: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  } as const;
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new Refusal(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parse(args);
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const [command, ...rest] = positionals;
  if (command === undefined || (rest.length > 0 && command !== "role"))
    throw new Refusal(`Name one command.\n\n${USAGE}`);
  const env = values.env;
  if (env !== "local" && env !== "staging" && env !== "production") {
    throw new Refusal(`--env must be local, staging or production.\n\n${USAGE}`);
  }
  const target: Target = { env, persistTo: resolve(values["persist-to"] ?? join(ROOT, ".wrangler", "state")) };
  if (command === "migrate") await migrate(target);
  else if (command === "seed") await seed(target, Date.now());
  else if (command === "role") await giveRole(target, rest[0], rest[1], Date.now());
  else if (command === "reset") await reset(target, Date.now());
  else if (command !== "console") throw new Refusal(`Unknown command ${command}.\n\n${USAGE}`);
  else if (values.command === undefined) await console_(target, values.write);
  else await execute(target, values.command, values.write);
  if (command !== "console") process.stdout.write(`${command}: done on ${env}\n`);
}

if (import.meta.main) {
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(error instanceof Refusal ? `${error.message}\n` : `${String(error)}\n`);
    process.exitCode = 1;
  }
}
