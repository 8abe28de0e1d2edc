import type { Page } from "playwright-core";
import { inject } from "vitest";
import { confirmAddress } from "../../scripts/mailbox.ts";
import { createClient, type Client } from "../../src/client/client.ts";

export const PASSWORD = "a long enough password";

/** Somebody with an account and a phone of their own, apart from any page. */
export interface Account {
  name: string;
  email: string;
  client: Client;
}

export function freshAddress(name: string): string {
  return `${name.toLowerCase()}-${crypto.randomUUID()}@pages.test`;
}

/** Signs somebody up, confirms the address from the mailbox and signs in, on the test's own client. */
export async function openAccount(name: string): Promise<Account> {
  const origin = inject("origin");
  const client = createClient({ baseUrl: origin });
  const email = freshAddress(name);
  await client.signUp({ name, email, password: PASSWORD });
  await confirmAddress(origin, email);
  await client.signIn({ email, password: PASSWORD });
  return { name, email, client };
}

/** Gives a browser the session cookie of that person. */
export async function signInAs(page: Page, { email }: Account): Promise<void> {
  const origin = inject("origin");
  const answer = await page.context().request.post(`${origin}/api/auth/sign-in/email`, {
    data: { email, password: PASSWORD },
    headers: { origin },
  });
  if (!answer.ok()) throw new Error(`The sign-in answered ${answer.status()}`);
}
