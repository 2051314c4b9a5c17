import { expect } from 'vitest';
import type { TestApp } from './harness.ts';

export interface SentMail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Every mail to this address that is on its way or sent, the newest first. */
export async function mailsTo(app: TestApp, address: string): Promise<SentMail[]> {
  const jobs = await app.sql<{ data: SentMail }>(
    `select data from pgboss.job where name = 'mail.send' and data->>'to' = $1 order by created_on desc, id desc`,
    [address],
  );
  return jobs.map(({ data }) => data);
}

/** Waits for the newest mail with this subject, which a job may still have to write. */
export async function mailTo(app: TestApp, address: string, subject: RegExp): Promise<SentMail> {
  const find = async () => (await mailsTo(app, address)).find((mail) => subject.test(mail.subject));
  await expect.poll(find, { timeout: 10_000 }).toBeDefined();
  return (await find()) as SentMail;
}

/** The secret of the one-time link in a mail. */
export function tokenIn({ text }: SentMail): string {
  const token = /[?&]token=([\w-]+)/.exec(text)?.[1];
  if (token === undefined) throw new Error(`no link in: ${text}`);
  return token;
}
