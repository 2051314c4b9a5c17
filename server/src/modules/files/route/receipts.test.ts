import { advanceClock } from '@safesend/shared/clock.ts';
import * as files from '@safesend/shared/files/calls.ts';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { getContent, mustDrop, someBytes } from '../../../../test/drops.ts';
import { projectOf, send, signUp, startTestApp, type Person, type TestApp } from '../../../../test/harness.ts';

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

// The last one: it moves the clock.
test('UX 29 a download whose pieces lie on both sides of midnight is one, and a day after its first piece another begins', async () => {
  const { fileId } = await mustDrop(freelancer, { roomId, name: 'midnight.bin', content: someBytes(20_000) });
  const receipts = async () => (await freelancer.must(files.listReceipts, { params: { fileId } })).items;
  const pass = (advanceSeconds: number) => send(freelancer.base, advanceClock, { body: { advanceSeconds } });
  const piece = async (from: number, to: number) =>
    (await getContent(client, fileId, 1, { range: `bytes=${from}-${to}` })).arrayBuffer();
  const [clock] = await app.sql<{ left: number }>(
    `select ceil(86400 - extract(epoch from product_now() at time zone 'UTC')::numeric % 86400)::int as left`,
  );
  // Ten minutes before a midnight.
  await pass(((clock?.left ?? 0) + 86_400 - 600) % 86_400);
  await piece(0, 9_999);
  await expect.poll(receipts).toMatchObject([{ downloads: 1, complete: false }]);
  await pass(1_200);
  await piece(10_000, 19_999);
  await expect.poll(async () => (await receipts())[0]?.complete).toBe(true);
  expect(await receipts()).toMatchObject([{ userId: client.id, downloads: 1, complete: true }]);
  await pass(85_800);
  await piece(0, 19_999);
  await expect.poll(receipts).toMatchObject([{ downloads: 1 }, { downloads: 1 }]);
});
