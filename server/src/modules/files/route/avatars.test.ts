import * as accounts from '@safesend/shared/accounts/calls.ts';
import { advanceClock } from '@safesend/shared/clock.ts';
import * as files from '@safesend/shared/files/calls.ts';
import { maxAvatarBytes } from '@safesend/shared/files/limits.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { credentials, someBytes } from '../../../../test/drops.ts';
import { projectOf, send as call, signUp, type Person } from '../../../../test/harness.ts';
import { startedOnEveryStore, type StoredApp } from '../../../../test/stored-room.ts';
import { sweepAvatars } from '../service/avatars.ts';

startedOnEveryStore((start) => {
  let app: StoredApp;
  beforeAll(async () => {
    app = await start();
  });
  afterAll(() => app.close());

  const send = (person: Person, body: Uint8Array, type: string, headers: object = { origin: person.base }) =>
    fetch(`${person.base}/api/v1/me/avatar`, {
      method: 'PUT',
      headers: { ...credentials(person), 'content-type': type, ...headers },
      body: body as Uint8Array<ArrayBuffer>,
    });
  const get = (person: Person, avatarId: string, size: string, headers: object = {}) =>
    fetch(`${person.base}/api/v1/avatars/${avatarId}?size=${size}`, {
      headers: { ...credentials(person), ...headers },
    });
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><circle r="20"/></svg>');
  const idOf = async (person: Person) => (await person.must(accounts.me)).user.avatarId ?? '';

  test('B06 any image becomes two square pictures without what the camera wrote, seen by those who share a room', async () => {
    const [client, freelancer, stranger] = await Promise.all([signUp(app), signUp(app, 'freelancer'), signUp(app)]);
    const { roomId } = await projectOf(client, freelancer);
    const photo = await sharp({ create: { width: 900, height: 300, channels: 3, background: 'red' } })
      .jpeg()
      .withExif({ IFD0: { Copyright: 'whereabouts' } })
      .toBuffer();
    expect((await send(freelancer, photo, 'image/jpeg')).status).toBe(200);
    const avatarId = await idOf(freelancer);
    const { items } = await client.must(rooms.listPeople, { params: { roomId } });
    expect(items.find(({ userId }) => userId === freelancer.id)?.avatarId).toBe(avatarId);
    for (const [size, pixels] of [
      ['small', 96],
      ['large', 384],
    ] as const) {
      const got = await get(client, avatarId, size);
      expect(got.headers.get('cache-control')).toBe('private, max-age=31536000, immutable');
      const bytes = Buffer.from(await got.arrayBuffer());
      expect(await sharp(bytes).metadata()).toMatchObject({ format: 'webp', width: pixels, height: pixels });
      expect(bytes.includes('whereabouts')).toBe(false);
      expect((await get(stranger, avatarId, size)).status).toBe(404);
    }
    await client.must(rooms.removeMember, { params: { roomId, userId: freelancer.id } });
    expect((await get(client, avatarId, 'small', { 'if-none-match': '*' })).status).toBe(404);
    expect((await get(freelancer, avatarId, 'small')).status).toBe(200);
  });

  test('B06 whom one shares a room with has his picture in the list of rooms, before any of them is opened', async () => {
    const [client, freelancer] = await Promise.all([signUp(app, 'client'), signUp(app, 'freelancer')]);
    const { roomId } = await projectOf(client, freelancer);
    expect((await send(freelancer, svg, 'image/svg+xml')).status).toBe(200);
    const faces = async () => {
      const { items } = await client.must(rooms.listRooms);
      const members = items.find(({ id }) => id === roomId)?.members ?? [];
      return Object.fromEntries(members.map(({ userId, avatarId }) => [userId, avatarId]));
    };
    expect(await faces()).toEqual({ [client.id]: null, [freelancer.id]: await idOf(freelancer) });
    await freelancer.must(files.removeAvatar);
    expect(await faces()).toEqual({ [client.id]: null, [freelancer.id]: null });
  });

  test('B06 a new picture has a new name and the old one is gone; taken away, there is none', async () => {
    const person = await signUp(app);
    expect((await send(person, svg, 'image/svg+xml')).status).toBe(200);
    const first = await idOf(person);
    expect((await send(person, svg, 'image/svg+xml')).status).toBe(200);
    const second = await idOf(person);
    expect(second).not.toBe(first);
    expect([(await get(person, first, 'small')).status, (await get(person, second, 'small')).status]).toEqual([
      404, 200,
    ]);
    const facts = await app.sql(`select 1 from facts where room_id = $1 and type = 'account.changed'`, [
      person.inboxRoomId,
    ]);
    expect(facts).toHaveLength(2);
    expect((await person.call(files.removeAvatar)).status).toBe(204);
    expect(await idOf(person)).toBe('');
    expect((await get(person, second, 'small')).status).toBe(404);
  });

  const prefixOfAvatar = async (person: Person) => {
    const [row] = await app.sql<{ prefix: string }>('select storage_prefix as prefix from avatars where user_id = $1', [
      person.id,
    ]);
    return row?.prefix ?? '';
  };
  const prefixes = async () =>
    (await app.sql<{ prefix: string }>('select storage_prefix as prefix from loose_pictures')).map(
      ({ prefix }) => prefix,
    );
  /** The store has the bytes of both pictures, or of none. */
  const isStored = async (prefix: string) => {
    const sizes = await Promise.all(['small', 'large'].map((name) => app.files.storage.size(`${prefix}.${name}.webp`)));
    expect(new Set(sizes.map((size) => size === null)).size, prefix).toBe(1);
    return sizes[0] !== null;
  };
  const sweepInAnHour = async () => {
    await call(`http://127.0.0.1:${app.port}`, advanceClock, { body: { advanceSeconds: 3_601 } });
    await sweepAvatars(app.files.storage, app.orm.em.fork());
  };

  test("B06 H07 pictures that never became anybody's, or are nobody's any more, leave the store; whose they are, stay", async () => {
    const person = await signUp(app);
    expect((await send(person, svg, 'image/svg+xml')).status).toBe(200);
    const first = await prefixOfAvatar(person);
    expect((await send(person, svg, 'image/svg+xml')).status).toBe(200);
    const second = await prefixOfAvatar(person);
    expect([await isStored(first), await isStored(second)], 'the old one goes at once').toEqual([false, true]);
    // As if the process had died between the store and the database.
    await app.sql('update loose_pictures set storage_prefix = $2 where storage_prefix = $1', [first, `${first}-lost`]);
    for (const name of ['small', 'large'])
      await app.files.storage.put(`${first}-lost.${name}.webp`, import.meta.filename);
    await sweepAvatars(app.files.storage, app.orm.em.fork());
    expect(await isStored(`${first}-lost`), 'it may be on its way in').toBe(true);
    await sweepInAnHour();
    expect([await isStored(`${first}-lost`), await isStored(second), await prefixes()]).toEqual([false, true, []]);
    expect((await get(person, await idOf(person), 'large')).status).toBe(200);
  });

  test('B06 H07 a store that is away refuses a picture, and gives up an old one when it is back', async () => {
    if (!app.s3) return;
    const person = await signUp(app);
    expect((await send(person, svg, 'image/svg+xml')).status).toBe(200);
    const prefix = await prefixOfAvatar(person);
    app.s3.away(true);
    expect((await send(person, svg, 'image/svg+xml')).status).toBe(503);
    expect((await person.call(files.removeAvatar)).status).toBe(204);
    app.s3.away(false);
    expect([await idOf(person), await isStored(prefix)]).toEqual(['', true]);
    await sweepInAnHour();
    expect([await isStored(prefix), await prefixes()]).toEqual([false, []]);
  });

  test('B06 of two pictures sent at once one is his, and nothing of the other stays', async () => {
    const person = await signUp(app);
    const answers = await Promise.all([1, 2, 3].map(() => send(person, svg, 'image/svg+xml')));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const mine = await prefixOfAvatar(person);
    for (const prefix of await prefixes()) expect(await isStored(prefix), prefix).toBe(false);
    expect(await isStored(mine)).toBe(true);
  });

  test('B06 T-B19 what is no picture, too large or not from our page changes nothing', async () => {
    const person = await signUp(app);
    const wide = await sharp({ create: { width: 9_000, height: 9_000, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const asked: [Uint8Array, string, object, number][] = [
      [Buffer.from('hello'), 'image/png', { origin: person.base }, 415],
      [new Uint8Array(), 'image/png', { origin: person.base }, 415],
      [Buffer.from('<html><script>1</script>'), 'image/svg+xml', { origin: person.base }, 415],
      [wide, 'image/png', { origin: person.base }, 422],
      [someBytes(maxAvatarBytes + 1), 'image/png', { origin: person.base }, 413],
      [wide, 'image/png', { origin: 'https://evil.example' }, 403],
      [wide, 'image/png', {}, 403],
    ];
    for (const [body, type, headers, status] of asked) {
      const answer = await send(person, body, type, headers);
      expect([answer.status, await answer.text()], `${type} ${body.length}`).toEqual([status, expect.anything()]);
    }
    expect(await idOf(person)).toBe('');
  });
});
