import { mkdir, rename, writeFile } from 'node:fs/promises';
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
}

export interface MailPort {
  /** `id` names the mail for ever: a retry carries the same Message-ID. */
  send(mail: Mail, id: string): Promise<void>;
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
    async send(mail, id) {
      await transport.sendMail({ ...mail, from, messageId: `<${id}@safesend>` });
    },
  };
}

function outbox(from: string, folder: string): MailPort {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  return {
    async send(mail, id) {
      const { message } = await transport.sendMail({ ...mail, from, messageId: `<${id}@safesend>` });
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const target = join(folder, `${new Date().toISOString().replaceAll(':', '-')}-${id}.eml`);
      await writeFile(`${target}.part`, message as Buffer, { mode: 0o600 });
      await rename(`${target}.part`, target);
    },
  };
}
