import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';

/** One mail, composed and ready to go. */
export interface Mail {
  readonly to: string;
  /** Who gets the answer; without it, whoever sends. */
  readonly replyTo?: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** For a mail that comes again and again: the header that says where one ends that. */
  readonly list?: { readonly unsubscribe: string };
}

export interface MailPort {
  /** `id` names the mail for ever: a retry carries the same Message-ID. */
  send(mail: Mail, id: string): Promise<void>;
  /** Where mails are kept that are not sent; null where they are. */
  readonly outbox: Outbox | null;
}

/** A mail in the outbox, and its file: their order is that of time. */
export interface KeptMail {
  readonly id: string;
  /** Null for what an older version kept: it left nothing beside the mail to read it by. */
  readonly mail: Pick<Mail, 'to' | 'subject' | 'text'> | null;
  readonly at: Date;
  readonly name: string;
}

export type ReadableMail = KeptMail & { readonly mail: NonNullable<KeptMail['mail']> };

export interface Outbox {
  /** The newest first, from the file after this one on; one more than asked for where there are more. */
  list(after: string | null, limit: number): Promise<KeptMail[]>;
  /** Null when it is not there, not any more, or not to be read. */
  find(id: string): Promise<ReadableMail | null>;
}

interface MailSettings {
  readonly smtpUrl: string | undefined;
  readonly from: string;
  readonly dataDir: string;
}

/** SMTP where it is configured; otherwise each mail is kept as an .eml file in the data folder's `outbox/`. */
export function openMail({ smtpUrl, from, dataDir }: MailSettings): MailPort {
  return smtpUrl === undefined ? outbox(from, join(dataDir, 'outbox')) : smtp(from, smtpUrl);
}

function smtp(from: string, url: string): MailPort {
  const transport = createTransport(url, { connectionTimeout: 10_000, socketTimeout: 20_000 } as never);
  return {
    outbox: null,
    async send(mail, id) {
      await transport.sendMail({ ...mail, from, messageId: `<${id}@safesend>` });
    },
  };
}

function outbox(from: string, folder: string): MailPort {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  return {
    outbox: readOutbox(folder),
    async send(mail, id) {
      const { message } = await transport.sendMail({ ...mail, from, messageId: `<${id}@safesend>` });
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const target = join(folder, `${new Date().toISOString().replaceAll(':', '-')}-${id}`);
      const { to, subject, text } = mail;
      // For our own page, which parses no mail; first, so that no mail is without.
      await writeFile(`${target}.json`, JSON.stringify({ to, subject, text }), { mode: 0o600 });
      await writeFile(`${target}.eml.part`, message as Buffer, { mode: 0o600 });
      await rename(`${target}.eml.part`, `${target}.eml`);
    },
  };
}

const fileOf = /^(\d{4}-\d\d-\d\dT)(\d\d)-(\d\d)-(\d\d\.\d{3}Z)-([0-9a-f-]{36})\.eml$/;

function readOutbox(folder: string): Outbox {
  const names = async () =>
    (await readdir(folder).catch(() => []))
      .filter((it) => fileOf.test(it))
      .sort()
      .reverse();
  const read = async (name: string): Promise<KeptMail> => {
    const [, day = '', hours = '', minutes = '', rest = '', id = ''] = fileOf.exec(name) ?? [];
    const text = await readFile(join(folder, name.replace(/eml$/, 'json')), 'utf8').catch(() => null);
    const mail = text === null ? null : (JSON.parse(text) as KeptMail['mail']);
    return { id, at: new Date(`${day}${hours}:${minutes}:${rest}`), name, mail };
  };
  return {
    async list(after, limit) {
      const wanted = (await names()).filter((name) => after === null || name < after).slice(0, limit + 1);
      return Promise.all(wanted.map(read));
    },
    async find(id) {
      const name = (await names()).find((it) => it.endsWith(`-${id}.eml`));
      const found = name === undefined ? null : await read(name);
      return found?.mail ? { ...found, mail: found.mail } : null;
    },
  };
}
