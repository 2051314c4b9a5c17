import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { getStorageReport } from '@safesend/shared/admin/calls.ts';
import { expect, test } from 'vitest';
import { mustDrop } from '../../../test/drops.ts';
import { projectOf, signUp, startTestApp, type Person, type TestApp } from '../../../test/harness.ts';

const makeAdmin = (app: TestApp, { id }: Person) =>
  app.sql(`update users set grants = array['admin'] where id = $1`, [id]);

test('H11 H04 administrators see that nothing is scanned, what is stored, and what is damaged; nobody else sees anything', async () => {
  const app = await startTestApp();
  const [admin, other] = await Promise.all([signUp(app), signUp(app)]);
  await makeAdmin(app, admin);
  expect((await other.call(getStorageReport)).status).toBe(404);
  const empty = { store: 'fs', scanner: 'none', objects: 0, bytes: 0, oldestCheckAt: null, overdue: 0, damaged: 0 };
  expect(await admin.must(getStorageReport)).toEqual({ ...empty, verifyEveryDays: 7 });
  const { roomId } = await projectOf(other);
  await mustDrop(other, { roomId, content: '12345' });
  expect(await admin.must(getStorageReport)).toMatchObject({ objects: 1, bytes: 5, damaged: 0 });
  await app.sql(`update file_objects set damaged_at = now(), verified_at = now() - interval '9 days'`);
  expect(await admin.must(getStorageReport)).toMatchObject({ damaged: 1, overdue: 1 });
  await app.close();
});

test('H11 T-B24 a scanner that is set up and away is said to be away, and one that answers to answer', async () => {
  const scanner = createServer((socket) =>
    socket.once('data', () => socket.end('PONG\0')).on('error', () => undefined),
  );
  await new Promise<void>((ready) => scanner.listen(0, '127.0.0.1', ready));
  const { port } = scanner.address() as AddressInfo;
  const app = await startTestApp({ environment: { SCANNER_URL: `tcp://127.0.0.1:${port}` } });
  const admin = await signUp(app);
  await makeAdmin(app, admin);
  expect((await admin.must(getStorageReport)).scanner).toBe('answers');
  await new Promise((closed) => scanner.close(closed));
  expect((await admin.must(getStorageReport)).scanner).toBe('away');
  await app.close();
});
