import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { expect } from 'vitest';
import { credentials, tus, type Sender } from './drops.ts';

/** A request with all its bytes promised and some of them sent. */
export async function beginSending(
  { dataDir }: { dataDir: string },
  sender: Sender,
  uploadId: string,
  size: number,
  begun: Uint8Array,
): Promise<ClientRequest> {
  const sending = request(`${sender.base}/api/v1/uploads/${uploadId}`, {
    method: 'PATCH',
    headers: {
      ...credentials(sender),
      ...tus,
      'upload-offset': '0',
      'content-type': 'application/offset+octet-stream',
      'content-length': String(size),
    },
  });
  sending.on('error', () => undefined);
  sending.write(begun);
  await expect.poll(async () => (await stat(join(dataDir, 'staging', uploadId))).size).toBe(begun.length);
  return sending;
}

/** Its status, or how it ended without one. */
export async function outcomeOf(sending: ClientRequest): Promise<number | string> {
  return Promise.race([
    once(sending, 'response').then(([response]) => {
      (response as IncomingMessage).resume();
      return (response as IncomingMessage).statusCode ?? 0;
    }),
    once(sending, 'close').then(() => 'cut'),
  ]).catch(() => 'cut');
}
