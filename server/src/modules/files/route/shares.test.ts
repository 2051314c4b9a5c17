import * as files from '@safesend/shared/files/calls.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import { advanceClock } from '@safesend/shared/clock.ts';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { credentials, contentPath, getContent, mustDrop, someBytes } from '../../../../test/drops.ts';
import { joinProject, projectOf, send, signUp, type Person, type TestApp } from '../../../../test/harness.ts';
import { startedOnEveryStore } from '../../../../test/stored-room.ts';

startedOnEveryStore((start) => {
  let app: TestApp;
  let base: string;
  let client: Person;
  let freelancer: Person;
  let roomId: string;
  let projectId: string;

  beforeAll(async () => {
    app = await start({ RATE_LIMITS: 'on' });
    base = `http://127.0.0.1:${app.port}`;
    [client, freelancer] = await Promise.all([signUp(app, 'client'), signUp(app, 'freelancer')]);
    ({ roomId, id: projectId } = await projectOf(client, freelancer));
  });
  afterAll(() => app.close());

  const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
  const share = (fileId: string, more: object = {}, who = freelancer) =>
    who.must(files.createShareLink, { params: { fileId }, body: { expiresAt: inHours(24), ...more } });
  const open = (token: string, password?: string) =>
    send(base, files.openShareLink, { body: { token, ...(password !== undefined && { password }) } });
  const contentOf = (ticket: string | null, headers: Record<string, string> = {}) =>
    fetch(`${base}/api/v1/shared-files/content?ticket=${encodeURIComponent(ticket ?? '')}`, { headers });
  const receipts = async (who: Person, fileId: string) =>
    (await who.must(files.listReceipts, { params: { fileId } })).items;

  /** Receipts are written after the last byte. */
  async function receiptsWhen(fileId: string, ready: (found: Awaited<ReturnType<typeof receipts>>) => boolean) {
    for (let tries = 0; ; tries++) {
      const found = await receipts(freelancer, fileId);
      if (ready(found) || tries > 200) return found;
      await pause(50);
    }
  }

  test('UX 29 F11 a link for so many days is counted by the clock of the server, and needs one end, not two', async () => {
    const { fileId } = await mustDrop(client, { roomId });
    const create = (body: object) => client.call(files.createShareLink, { params: { fileId }, body });
    const { shareLink } = await client.must(files.createShareLink, { params: { fileId }, body: { days: 7 } });
    expect(Date.parse(shareLink.expiresAt) - Date.parse(shareLink.createdAt)).toBe(7 * 86_400_000);
    for (const body of [{}, { days: 0 }, { days: 366 }, { days: 1.5 }, { days: 1, expiresAt: shareLink.expiresAt }])
      expect((await create(body)).status, JSON.stringify(body)).toBe(422);
  });

  test('UX 29 a link gives its file to whoever has it, says what it is first, and ends when it is taken back', async () => {
    const { fileId } = await mustDrop(freelancer, { roomId, name: 'offer.txt', content: 'version one' });
    const { shareLink, token } = await share(fileId);
    await mustDrop(freelancer, { roomId, fileId, name: 'offer.txt', content: 'version two' });
    const { body } = await open(token);
    expect(body).toMatchObject({
      needsPassword: false,
      file: { name: 'offer.txt', size: 11, kind: 'text', sharedBy: freelancer.user.displayName, scan: 'unscanned' },
    });
    const content = await contentOf(body.ticket);
    expect([content.status, await content.text()]).toEqual([200, 'version one']);
    expect(content.headers.get('content-disposition')).toMatch(/^attachment; filename="offer\.txt"/);
    expect(content.headers.get('content-security-policy')).toContain('sandbox');
    const part = await contentOf(body.ticket, { range: 'bytes=0-6' });
    expect([part.status, await part.text()]).toEqual([206, 'version']);
    const listed = await freelancer.must(files.listShareLinks, { params: { fileId } });
    expect(listed.items).toMatchObject([{ id: shareLink.id, version: 1, hasPassword: false, revokedAt: null }]);
    expect(JSON.stringify(listed)).not.toContain(token);
    await freelancer.must(files.revokeShareLink, { params: { shareLinkId: shareLink.id } });
    expect((await open(token)).status).toBe(404);
    for (const headers of [{}, { range: 'bytes=0-1' }, { 'if-none-match': '*' }])
      expect((await contentOf(body.ticket, headers)).status).toBe(404);
    const { items } = await client.must(files.listShareLinks, { params: { fileId } });
    expect(items[0]?.revokedAt).not.toBeNull();
  });

  test('UX 29 a link with a password tells nothing without it, and nobody tries them all', async () => {
    const { fileId } = await mustDrop(freelancer, { roomId, name: 'secret-plan.txt' });
    const { token } = await share(fileId, { password: 'open sesame' });
    expect((await open(token)).body).toEqual({ needsPassword: true, file: null, ticket: null });
    const wrong = await open(token, 'let me in');
    expect([wrong.status, JSON.stringify(wrong.body)]).toEqual([422, expect.not.stringContaining('secret-plan')]);
    const { body } = await open(token, 'open sesame');
    expect(body.file?.name).toBe('secret-plan.txt');
    expect((await contentOf(body.ticket)).status).toBe(200);
    const tries = await Promise.all(Array.from({ length: 12 }, (_, n) => open(token, `guess number ${n}`)));
    expect(tries.filter(({ status }) => status === 429).length).toBeGreaterThan(0);
    expect((await open(token, 'open sesame')).status, 'not even with the right one').toBe(429);
    const [row] = await app.sql<{ hash: string }>('select password_hash as hash from share_links where file_id = $1', [
      fileId,
    ]);
    expect(row?.hash).toMatch(/^\$argon2id\$/);
  });

  test('H08 T-A6 a link lends what its maker may read: it ends with his membership, its file and its time', async () => {
    const leaving = await signUp(app, 'freelancer');
    await joinProject(client, leaving, projectId);
    const { fileId } = await mustDrop(leaving, { roomId });
    const { token } = await share(fileId, {}, leaving);
    const { ticket } = (await open(token)).body;
    await client.must(rooms.removeMember, { params: { roomId, userId: leaving.id } });
    expect([(await open(token)).status, (await contentOf(ticket)).status]).toEqual([404, 404]);
    const gone = await mustDrop(freelancer, { roomId });
    const removed = await share(gone.fileId);
    const late = await mustDrop(freelancer, { roomId });
    const expiring = await share(late.fileId, { expiresAt: inHours(0.5) });
    const soon = (await open(expiring.token)).body.ticket;
    await freelancer.must(files.removeFile, { params: { fileId: gone.fileId } });
    await send(base, advanceClock, { body: { advanceSeconds: 1_801 } });
    const answers = await Promise.all([open(removed.token), open(expiring.token), open('made-up')]);
    const said = answers.map(({ status, body }) => ({ status, ...body, requestId: undefined }));
    expect(new Set(said.map((it) => JSON.stringify(it))).size, 'nobody learns which it was').toBe(1);
    expect(said[0]?.status).toBe(404);
    for (const ticket of [soon, 'made-up', `${String(soon)}x`, ''])
      expect((await contentOf(ticket)).status).toBeGreaterThanOrEqual(404);
  });

  test('H08 T-A6 L7 a link whose maker was removed or left stays dead when he comes back; a new one works', async () => {
    for (const ends of ['removed', 'left'] as const) {
      const maker = await signUp(app, 'freelancer');
      await joinProject(client, maker, projectId);
      const { fileId } = await mustDrop(maker, { roomId });
      const other = await mustDrop(freelancer, { roomId });
      const { token } = await share(fileId, {}, maker);
      const { token: theirs } = await share(other.fileId);
      const { ticket } = (await open(token)).body;
      const who = ends === 'left' ? maker : client;
      await who.must(rooms.removeMember, { params: { roomId, userId: maker.id } });
      await joinProject(client, maker, projectId);
      expect((await getContent(maker, fileId)).status, 'he reads it again').toBe(200);
      expect([(await open(token)).status, (await contentOf(ticket)).status], ends).toEqual([404, 404]);
      const { items } = await maker.must(files.listShareLinks, { params: { fileId } });
      expect(items.map(({ revokedAt }) => revokedAt !== null)).toEqual([true]);
      expect((await open((await share(fileId, {}, maker)).token)).status).toBe(200);
      expect((await open(theirs)).status, 'nobody else loses anything').toBe(200);
    }
  });

  test('UX 29 only who may change a file shares it, from the browser, for a while', async () => {
    const other = await signUp(app, 'client');
    await joinProject(client, other, projectId);
    const { fileId } = await mustDrop(freelancer, { roomId });
    const ask = (who: Person, body: object) =>
      who.call(files.createShareLink, { params: { fileId }, body: { expiresAt: inHours(1), ...body } });
    expect((await ask(other, {})).status).toBe(403);
    expect((await ask(client, {})).status).toBe(201);
    for (const body of [
      { expiresAt: inHours(-1) },
      { expiresAt: inHours(366 * 24) },
      { version: 7 },
      { password: 'short' },
    ])
      expect((await ask(freelancer, body)).status, JSON.stringify(body)).toBe(422);
    expect((await other.call(files.listShareLinks, { params: { fileId } })).status).toBe(403);
  });

  test('UX 29 the sender sees who got his file and when; ranges of one download count once, his own never', async () => {
    const content = someBytes(300_000);
    const { fileId } = await mustDrop(freelancer, { roomId, name: 'delivery.bin', content });
    await (await getContent(freelancer, fileId)).arrayBuffer();
    await (await fetch(`${base}${contentPath(fileId)}`, { method: 'HEAD', headers: credentials(client) })).text();
    await Promise.all(
      ['bytes=200000-', 'bytes=0-99999', 'bytes=100000-149999'].map(async (range) =>
        (await getContent(client, fileId, 1, { range })).arrayBuffer(),
      ),
    );
    const partly = await receiptsWhen(fileId, (it) => it.length > 0);
    expect(partly).toMatchObject([{ version: 1, userId: client.id, shareLinkId: null, complete: false }]);
    await (await getContent(client, fileId, 1, { range: 'bytes=150000-199999' })).arrayBuffer();
    const whole = await receiptsWhen(fileId, (it) => it.some(({ complete }) => complete));
    expect(whole).toMatchObject([{ userId: client.id, complete: true }]);
    await (await getContent(client, fileId)).arrayBuffer();
    const twice = await receiptsWhen(fileId, ([first]) => first?.downloads === 2);
    expect(twice, 'a second download of the same day').toMatchObject([{ userId: client.id, downloads: 2 }]);
    const { token, shareLink } = await share(fileId);
    await (await contentOf((await open(token)).body.ticket)).arrayBuffer();
    const [last] = await receiptsWhen(fileId, (it) => it.length === 2);
    expect(last).toMatchObject({ userId: null, shareLinkId: shareLink.id, complete: true });
    const { items } = await freelancer.must(files.listShareLinks, { params: { fileId } });
    expect(items[0]?.downloads).toBe(1);
    const page = await freelancer.must(files.listReceipts, { params: { fileId }, query: { limit: 1 } });
    const rest = await freelancer.must(files.listReceipts, {
      params: { fileId },
      query: { limit: 1, cursor: page.nextCursor ?? '' },
    });
    expect([...page.items, ...rest.items]).toHaveLength(2);
    const other = await signUp(app, 'client');
    await joinProject(client, other, projectId);
    expect((await other.call(files.listReceipts, { params: { fileId } })).status).toBe(403);
  });

  test('UX 29 however often and in however many pieces somebody asks, he has one receipt for a version in 24 hours', async () => {
    const { fileId } = await mustDrop(freelancer, { roomId, name: 'pieces.bin', content: someBytes(40_000) });
    const piece = async (from: number) =>
      (await getContent(client, fileId, 1, { range: `bytes=${from}-${from}` })).arrayBuffer();
    for (let round = 0; round < 3; round++) {
      for (let from = 0; from < 40; from += 2) await piece(from + 100 * round);
      await receiptsWhen(fileId, (it) => it.reduce((sum, { downloads }) => sum + downloads, 0) === round + 1);
      await send(base, advanceClock, { body: { advanceSeconds: 1_801 } });
    }
    const found = await receipts(freelancer, fileId);
    expect(found, 'half an hour apart it is another download').toMatchObject([{ downloads: 3, complete: false }]);
    await send(base, advanceClock, { body: { advanceSeconds: 86_400 } });
    await (await getContent(client, fileId)).arrayBuffer();
    const [next] = await receiptsWhen(fileId, (it) => it.length === 2);
    expect(next, 'another day').toMatchObject({ downloads: 1, complete: true });
    await mustDrop(freelancer, { roomId, fileId, name: 'pieces.bin', content: 'version two' });
    await (await getContent(client, fileId, 2)).arrayBuffer();
    expect(await receiptsWhen(fileId, (it) => it.length === 3), 'another version').toHaveLength(3);
  });

  test('UX 29 scattered pieces of one version do not make a receipt grow without an end', async () => {
    const { fileId } = await mustDrop(freelancer, { roomId, name: 'pieces.bin', content: someBytes(40_000) });
    await (await getContent(client, fileId, 1, { range: 'bytes=0-0' })).arrayBuffer();
    await receiptsWhen(fileId, (it) => it.length === 1);
    await app.sql(
      `update download_receipts set covered = (select range_agg(int8range(n * 2, n * 2 + 1)) from generate_series(0, 999) n)
       where file_id = $1`,
      [fileId],
    );
    await (await getContent(client, fileId, 1, { range: 'bytes=30001-30001' })).arrayBuffer();
    const [row] = await vi.waitFor(async () => {
      const rows = await app.sql<{ pieces: number }>(
        `select (select count(*)::int from unnest(covered)) as pieces from download_receipts
         where file_id = $1 and last_at > at`,
        [fileId],
      );
      expect(rows).toHaveLength(1);
      return rows;
    });
    expect(row?.pieces).toBe(1_000);
  });
});
