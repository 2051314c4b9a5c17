import type { Person, TestApp } from '../harness.ts';
import { createDatabase, startTestApp } from '../harness.ts';

export const publicOrigin = 'https://safesend.example';

/** A test process, and the same database as a production process at its public address sees it. */
export async function startBoth(): Promise<{ app: TestApp; live: TestApp }> {
  const databaseUrl = await createDatabase();
  const environment = {
    NODE_ENV: 'production',
    DATABASE_URL: databaseUrl,
    PUBLIC_URL: publicOrigin,
    SAFESEND_TEST_CLOCK: '',
  };
  // The pages are loaded once, and speak to the process that came first.
  const live = await startTestApp({ databaseUrl, environment });
  return { app: await startTestApp({ databaseUrl }), live };
}

/** A person's session under the name its cookie has at the public address. */
export function secureCookieOf({ cookie }: Person): string {
  return `__Host-${cookie}`;
}
