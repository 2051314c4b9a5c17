import { expect } from '@playwright/test';
import type { Server } from './server.ts';

/** The link of that kind in the newest mail to somebody, once it has been delivered. */
export async function linkMailedTo(server: Server, address: string, kind: RegExp): Promise<string> {
  let link = '';
  await expect
    .poll(async () => {
      const mail = await server.mailTo(address, /./);
      link = mail?.text?.match(/https?:\/\/\S+/g)?.find((it) => kind.test(it)) ?? '';
      return link;
    })
    .not.toBe('');
  return link;
}
