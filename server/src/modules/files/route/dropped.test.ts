import { createHash } from 'node:crypto';
import * as files from '@safesend/shared/files/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drop, getContent, mustDrop, someBytes } from '../../../../test/drops.ts';
import { joinProject, projectOf, signUp, type Person, type TestApp } from '../../../../test/harness.ts';
import { startedOnEveryStore } from '../../../../test/stored-room.ts';

startedOnEveryStore((start) => {
  let app: TestApp;
  let client: Person;
  let freelancer: Person;
  let roomId: string;
  let projectId: string;

  beforeAll(async () => {
    app = await start();
    [client, freelancer] = await Promise.all([signUp(app, 'client'), signUp(app, 'freelancer')]);
    ({ roomId, id: projectId } = await projectOf(client, freelancer));
  });
  afterAll(() => app.close());

  const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  const usedBy = async (person: Person) => (await person.must(files.getStorage, { params: { roomId } })).mine.usedBytes;
  const factsOf = (fileId: string) =>
    app.sql<{ type: string; seq: number }>(
      `select f.type, f.seq::int from facts f join fact_payloads p using (room_id, seq) where p.data ->> 'id' = $1 order by f.seq`,
      [fileId],
    );

  test('F08 H05 two who drop the same name at once make two files; who dropped one adds versions, others do not', async () => {
    const [one, two] = await Promise.all([
      mustDrop(client, { roomId, name: 'plan.txt', content: 'of the client' }),
      mustDrop(freelancer, { roomId, name: 'plan.txt', content: 'of the freelancer' }),
    ]);
    expect(one.fileId).not.toBe(two.fileId);
    expect((await drop(freelancer, { roomId, name: 'plan.txt', fileId: one.fileId })).status).toBe(403);
    const next = await mustDrop(client, { roomId, name: 'plan.txt', content: 'second', fileId: one.fileId });
    expect(next).toMatchObject({ fileId: one.fileId, version: 2 });
    // The owner of the project may join them.
    const params = { fileId: one.fileId };
    const { file } = await client.must(files.joinFile, { params, body: { fileId: two.fileId } });
    expect(file.current).toMatchObject({ version: 3, createdBy: freelancer.id });
    const other = await client.must(files.getFile, { params: { fileId: two.fileId } });
    expect(other.file).toMatchObject({ joinedInto: one.fileId, removedBy: client.id });
    const texts = await Promise.all([1, 2, 3].map(async (n) => (await getContent(freelancer, one.fileId, n)).text()));
    expect(texts).toEqual(['of the client', 'second', 'of the freelancer']);
    const restored = await client.must(files.restoreVersion, { params, body: { version: 1 } });
    expect(restored.file.current).toMatchObject({
      version: 4,
      restoredFrom: 1,
      sha256: hashOf(Buffer.from('of the client')),
    });
  });

  test('H03 a removal is a tombstone: its fact stays, its bytes are gone for everybody, its room comes back', async () => {
    const before = await usedBy(freelancer);
    const { fileId } = await mustDrop(freelancer, { roomId, content: someBytes(10_000), name: 'gone.bin' });
    expect(await usedBy(freelancer)).toBe(before + 10_000);
    const forbidden = await signUp(app, 'client');
    await joinProject(client, forbidden, projectId);
    expect((await forbidden.call(files.removeFile, { params: { fileId } })).status).toBe(403);
    await freelancer.must(files.removeFile, { params: { fileId } });
    expect(await usedBy(freelancer)).toBe(before);
    for (const person of [client, freelancer]) {
      expect((await getContent(person, fileId)).status).toBe(404);
      expect((await getContent(person, fileId, 1, { 'if-none-match': '*' })).status).toBe(404);
    }
    const { file, versions } = await client.must(files.getFile, { params: { fileId } });
    expect({ removedBy: file.removedBy, versions }).toEqual({ removedBy: freelancer.id, versions: [] });
    expect((await freelancer.call(files.removeFile, { params: { fileId } })).status).toBe(409);
    expect((await factsOf(fileId)).map(({ type }) => type)).toEqual(['file.dropped', 'file.removed']);
  });

  test('T-A17 a deleted message takes the file it brought along', async () => {
    const { fileId } = await mustDrop(freelancer, { roomId });
    const { fileId: cited } = await mustDrop(client, { roomId });
    const body = {
      commandId: newId(),
      body: 'See these',
      files: [
        { fileId, version: 1 },
        { fileId: cited, version: 1 },
      ],
    };
    const { event } = await freelancer.must(rooms.postMessage, { params: { roomId }, body });
    const messageId = event.type === 'message.posted' ? event.data.id : '';
    await freelancer.must(rooms.deleteMessage, { params: { roomId, messageId } });
    expect((await getContent(client, fileId)).status).toBe(404);
    expect((await getContent(client, cited)).status).toBe(200);
    const { message } = await client.must(rooms.getMessage, { params: { roomId, messageId } });
    expect(message.files).toEqual([]);
  });

  test('L6 T-A13 a message cites only what its author may read, in its own room', async () => {
    const { roomId: elsewhere } = await projectOf(freelancer);
    const { fileId: foreign } = await mustDrop(freelancer, { roomId: elsewhere });
    const { fileId } = await mustDrop(client, { roomId });
    const post = (cited: string, version: number) =>
      freelancer.call(rooms.postMessage, {
        params: { roomId },
        body: { commandId: newId(), body: 'See', files: [{ fileId: cited, version }] },
      });
    expect((await post(foreign, 1)).status).toBe(404);
    expect((await post(fileId, 2)).status).toBe(404);
    expect((await post(newId(), 1)).status).toBe(404);
    expect((await post(fileId, 1)).status).toBe(201);
  });
});
