import { newId } from '@safesend/shared/ids.ts';
import { expect, test } from 'vitest';
import { json } from './raw-http.ts';
import { besiege } from './siege.ts';
import type { Things, World } from './world.ts';

let world: World;
let own: Things;

const raw = besiege((opened) => ({ world, own } = opened));

const asOwner = () => ({ cookie: world.people.owner.cookie });
const ask = async (path: string) => (await raw('GET', `/api/v1${path}`, undefined, asOwner())).status;
const send = async (method: string, path: string, body: object) =>
  (await raw(method, `/api/v1${path}`, JSON.stringify(body), { ...asOwner(), ...json })).status;

const noYears = [
  '0000-01-01T00:00:00Z',
  '0000-12-31T23:59:59.999Z',
  '0000-01-01T00:00:00+01:00',
  '0001-01-01T00:00:00+00:01',
  '9999-12-31T23:59:59-00:01',
  '9999-12-31T23:59:59-23:59',
];
const edges = ['0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59+14:00'];

test('T-B10 T-B33 a period reaches from the year 1 to 9999, whatever its offsets', async () => {
  const now = '2030-01-01T00:00:00Z';
  const periods = (at: string) => [
    ...['transactions', 'invoices', 'statements'].flatMap((list) => [
      { path: list, query: { from: at } },
      { path: list, query: { until: at } },
    ]),
    { path: 'statements', query: { from: at, until: now } },
    { path: 'statements/download', query: { from: at, until: now, currency: 'EUR', format: 'csv' } },
  ];
  for (const at of noYears)
    for (const { path, query } of periods(at))
      expect(await ask(`/${path}?${new URLSearchParams(query)}`), `${path} ${at}`).toBe(422);
  for (const at of edges)
    for (const list of ['transactions', 'invoices'])
      for (const end of ['from', 'until'])
        expect(await ask(`/${list}?${new URLSearchParams({ [end]: at })}`), `${list} ${at}`).toBe(200);
});

test('T-B33 a date that is kept is one that everybody can read again', async () => {
  const { projectId, milestoneId, fileId } = own;
  const plan = (dueAt: string) => ({ title: 'Far away', amountMinor: 1_000, criteria: 'One day', dueAt });
  for (const at of noYears) {
    expect(await send('POST', `/projects/${projectId}/milestones`, plan(at)), at).toBe(422);
    expect(await send('PATCH', `/milestones/${milestoneId}`, { dueAt: at }), at).toBe(422);
    expect(await send('POST', '/api-tokens', { name: 'Far', scopes: ['read'], expiresAt: at }), at).toBe(422);
    expect(await send('POST', `/files/${fileId}/share-links`, { expiresAt: at }), at).toBe(422);
  }
  for (const at of edges) {
    expect(await send('POST', `/projects/${projectId}/milestones`, plan(at)), at).toBe(201);
    for (const path of [`/projects/${projectId}`, `/rooms/${own.roomId}`, '/dashboard', '/projects'])
      expect(await ask(path), `${path} ${at}`).toBe(200);
  }
});

test('T-B10 no cursor leads to a moment that no clock has shown', async () => {
  const [never, id] = ['0000-01-01T00:00:00.000Z', newId()];
  const cursors = [`${never} ${id}`, `${never} ${never} ${id}`].map((it) => Buffer.from(it).toString('base64url'));
  for (const list of ['projects', 'rooms', 'transactions', 'invoices'])
    for (const cursor of cursors) expect(await ask(`/${list}?cursor=${cursor}`), `${list} ${cursor}`).toBe(422);
});

test('T-B33 a version that no file comes to is no version, wherever it is named', async () => {
  const { roomId, fileId } = own;
  for (const version of [3, 2 ** 31, Number.MAX_SAFE_INTEGER]) {
    const files = [{ fileId, version }];
    expect(await send('POST', `/rooms/${roomId}/messages`, { commandId: newId(), body: 'See', files })).toBe(404);
    expect(await send('POST', `/files/${fileId}/versions`, { version })).toBe(422);
    expect(await send('POST', `/files/${fileId}/share-links`, { version, days: 1 })).toBe(422);
    expect(await ask(`/files/${fileId}/versions/${version}/content`)).toBe(version > 1_000_000 ? 422 : 404);
  }
});
