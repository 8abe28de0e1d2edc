import { createHash } from "node:crypto";
import { createClient, type Client } from "../src/client/client.ts";
import { ClientError } from "../src/client/errors.ts";
import type { OutputOf } from "../src/client/operations.ts";
import { addDays, localDate } from "../src/domain/calendar.ts";
import { DEMO_EMAILS, DEMO_PASSWORD } from "../src/lib/demo-couple.ts";
import { uuidv7 } from "../src/protocol/uuid.ts";
import { demoMonth, PAIRED_AT } from "./demo-month.ts";
import { MONTH_DAYS, ZONES, type Step, type Who } from "./demo-steps.ts";
import { instantOf } from "./local-time.ts";
import { confirmAddress } from "./mailbox.ts";

const NAMES: Readonly<Record<Who, string>> = { ada: "Ada", grace: "Grace" };

/** A clock that the seed moves through the past; the development server believes it. */
interface Clock {
  at: number;
}

export interface SeedReport {
  relationshipId: string;
  commands: number;
}

/**
 * Makes the demo couple and their month by the public API alone, so that what they see is what the rules made of it.
 * Every command has the id that it had the last time: a seed that was interrupted is taken up where it stopped.
 * @param now epoch milliseconds; the month ends the day before
 * @param onProgress is called with the share that is done, from 0 to 1
 */
export async function seedDemo(
  origin: string,
  now: number,
  onProgress: (share: number) => void = () => undefined,
): Promise<SeedReport> {
  const clock: Clock = { at: now };
  const people: Record<Who, Client> = { ada: clientAt(origin, clock), grace: clientAt(origin, clock) };
  await Promise.all((["ada", "grace"] as const).map(async (who) => openAccount(origin, people[who], who)));
  const { relationshipId, startDate } = await pair(people, clock, now);

  const past = demoMonth(startDate).filter(({ at }) => at <= now);
  // The object's own clock is the real one, and by it a place of the past would wait for its bytes no longer.
  const isPicture = ({ picture }: Step): boolean => picture !== undefined;
  const steps = [...past.filter((step) => !isPicture(step)), ...past.filter(isPicture)];
  const made = new Map<string, string>();
  for (const [index, step] of steps.entries()) {
    clock.at = isPicture(step) ? now : step.at;
    await play({ client: people[step.who], origin, relationshipId, now: clock.at, made }, step);
    onProgress((index + 1) / steps.length);
  }
  for (const client of Object.values(people)) await client.signOut();
  return { relationshipId, commands: steps.length };
}

function clientAt(origin: string, clock: Clock): Client {
  return createClient({
    baseUrl: origin,
    now: () => clock.at,
    fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, "x-bt-now": String(clock.at) } }),
  });
}

async function openAccount(origin: string, client: Client, who: Who): Promise<void> {
  const account = { email: DEMO_EMAILS[who], password: DEMO_PASSWORD };
  if (!(await signedIn(client, account))) {
    await client.signUp({ ...account, name: NAMES[who], timezone: ZONES[who] });
    await confirmAddress(origin, account.email);
    await client.signIn(account);
  }
}

async function signedIn(client: Client, account: { email: string; password: string }): Promise<boolean> {
  try {
    await client.signIn(account);
    return true;
  } catch (error) {
    if (error instanceof ClientError && error.code === "unauthenticated") return false;
    throw error;
  }
}

async function pair(
  people: Record<Who, Client>,
  clock: Clock,
  now: number,
): Promise<{ relationshipId: string; startDate: string }> {
  const { relationship } = await people.grace.pairing();
  if (relationship !== null && relationship.members.length === 2) {
    return { relationshipId: relationship.id, startDate: localDate(relationship.createdAt, ZONES.ada) };
  }
  const startDate = addDays(localDate(now, ZONES.ada), -MONTH_DAYS);
  clock.at = instantOf(startDate, PAIRED_AT, ZONES.ada);
  const { token } = await people.ada.invite({ inviteeEmail: DEMO_EMAILS.grace, message: "Shall we?" });
  const accepted = await people.grace.acceptInvitation({ token });
  if (accepted.status !== "accepted") throw new Error(`The invitation is ${accepted.status}`);
  return { relationshipId: accepted.relationship.id, startDate };
}

interface Playing {
  client: Client;
  origin: string;
  relationshipId: string;
  now: number;
  /** Key of a step -> what it made. */
  made: Map<string, string>;
}

async function play(playing: Playing, step: Step): Promise<void> {
  const { client, relationshipId, made } = playing;
  try {
    await learnQuestion(playing, step);
    const input = step.input((key) => {
      const id = made.get(key);
      if (id === undefined) throw new Error(`it comes before ${key}`);
      return id;
    });
    // The plan checked the pair of name and input where it was written.
    const answer: unknown = await client.command(relationshipId, step.name, input as never, { id: commandId(step) });
    if (hasId(answer)) made.set(step.key, answer.id);
    if (step.picture !== undefined) await upload(playing, answer as OutputOf<"photos.reserve">, step.picture);
  } catch (error) {
    throw new Error(`${step.key} was refused: ${describe(error)}`, { cause: error });
  }
}

/** Each couple has questions of its own, so that what is answered has to be asked for. */
async function learnQuestion({ client, relationshipId, made }: Playing, { question: date }: Step): Promise<void> {
  if (date === undefined || made.has(`question of ${date}`)) return;
  const { question } = await client.query(relationshipId, "questions.today", { date });
  made.set(`question of ${date}`, question?.category ?? "");
}

async function upload(
  { client, origin, now }: Playing,
  { upload: { method, path } }: OutputOf<"photos.reserve">,
  picture: Uint8Array,
): Promise<void> {
  const headers = { authorization: `Bearer ${client.token}`, "content-type": "image/png", "x-bt-now": String(now) };
  const { status } = await fetch(`${origin}${path}`, { method, headers, body: Uint8Array.from(picture) });
  if (status !== 200) throw new Error(`its picture was answered with ${status}`);
}

/** The id of a step: a UUIDv7 of its time whose random part is a hash of its key. */
function commandId({ at, key }: Step): string {
  const hash = createHash("sha256").update(key).digest("hex");
  const [first, second] = uuidv7(at).split("-");
  return `${first}-${second}-7${hash.slice(0, 3)}-8${hash.slice(3, 6)}-${hash.slice(6, 18)}`;
}

function hasId(answer: unknown): answer is { id: string } {
  return typeof answer === "object" && answer !== null && "id" in answer && typeof answer.id === "string";
}

function describe(error: unknown): string {
  if (!(error instanceof ClientError)) return String(error);
  return `${error.code} ${error.message} ${JSON.stringify(error.details ?? {})}`;
}
