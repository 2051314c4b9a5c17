import * as files from '@safesend/shared/files/calls.ts';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { getContent, mustDrop, someBytes } from '../../../../test/drops.ts';
import { projectOf, signUp, startTestApp, type Person, type TestApp } from '../../../../test/harness.ts';

let app: TestApp;
let client: Person;
let freelancer: Person;
let roomId: string;
beforeAll(async () => {
  app = await startTestApp();
  [client, freelancer] = await Promise.all([signUp(app, 'client'), signUp(app, 'freelancer')]);
  ({ roomId } = await projectOf(client, freelancer));
});
afterAll(() => app.close());

/** Nothing more comes of the store after so many bytes, until it is let go on. */
function stalling(bytes: number): () => void {
  const { storage } = app.files;
  const read = storage.read.bind(storage);
  const { promise, resolve } = Promise.withResolvers<undefined>();
  storage.read = async (key) => {
    const first = await read(key, { start: 0, end: bytes - 1 });
    return Readable.from(
      (async function* () {
        yield* first;
        await promise;
      })(),
    );
  };
  return () => {
    storage.read = read;
    resolve(undefined);
  };
}

test('UX 29 whoever goes with what he has got before a piece has ended is in a receipt, and has not all of it', async () => {
  const { fileId } = await mustDrop(freelancer, { roomId, name: 'delivery.bin', content: someBytes(300_000) });
  const goOn = stalling(100_000);
  try {
    const answer = await getContent(client, fileId);
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    for (let got = 0; got < 100_000;) got += (await reader.read()).value?.length ?? 0;
    await reader.cancel();
    const receipts = async () => (await freelancer.must(files.listReceipts, { params: { fileId } })).items;
    await expect.poll(receipts).toMatchObject([{ userId: client.id, downloads: 1, complete: false }]);
  } finally {
    goOn();
  }
});
