/** The couple that a development server starts with: people who exist nowhere else, so their password is no secret. */
export const DEMO_EMAILS = {
  ada: "ada@demo.better-together.example",
  grace: "grace@demo.better-together.example",
} as const;

export const DEMO_PASSWORD = "better-together-demo";
