import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import PostalMime from 'postal-mime';
import { expect } from 'vitest';
import type { TestApp } from './harness.ts';

export interface SentMail {
  readonly to: string;
  readonly replyTo?: string | undefined;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Every mail that is on its way, and every one in the outbox of this process; the newest first. */
export async function findMails(app: TestApp): Promise<SentMail[]> {
  const jobs = await app.sql<{ id: string; data: SentMail | null }>(
    `select id, data from pgboss.job where name = 'mail.send' order by created_on desc, id desc`,
  );
  const files = await readdir(join(app.dataDir, 'outbox')).catch(() => []);
  const mails = jobs.map(async ({ id, data }) => {
    // A job forgets its mail when it is done.
    const file = files.find((name) => name.endsWith(`-${id}.eml`));
    return data ?? (file === undefined ? null : readMail(join(app.dataDir, 'outbox', file)));
  });
  return (await Promise.all(mails)).filter((mail) => mail !== null);
}

export async function mailsTo(app: TestApp, address: string): Promise<SentMail[]> {
  return (await findMails(app)).filter(({ to }) => to === address);
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

async function readMail(path: string): Promise<SentMail> {
  const { to, replyTo, subject = '', text = '', html = '' } = await PostalMime.parse(await readFile(path));
  return { to: to?.[0]?.address ?? '', replyTo: replyTo?.[0]?.address, subject, text, html };
}
