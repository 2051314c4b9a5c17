import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '@safesend/shared/ids.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { settleFolders } from '../src/kernel/backup/folders.ts';
import { BackupProblem } from '../src/kernel/backup/problem.ts';
import { seal } from '../src/kernel/chain.ts';
import { migrateWithin } from '../src/kernel/database.ts';
import { installJobs } from '../src/kernel/jobs.ts';
import { archiveOf, contentOf, newFolder, newPlace, repacked, restoreInto, rowsOf, type Place } from './archives.ts';
import { makeDatabase } from './fresh-database.ts';
import { projectOf, signUp, startTestApp, type Person, type TestApp } from './harness.ts';

let app: TestApp;
let client: Person;
let roomId: string;
let archive: string;
beforeAll(async () => {
  app = await startTestApp();
  client = await signUp(app);
  const freelancer = await signUp(app, 'freelancer');
  ({ roomId } = await projectOf(client, freelancer));
  for (const body of ['One', 'Two', 'Tab\tand\nbreak \\N \\. ünïcode 🦊']) {
    const { event } = await freelancer.must(rooms.postMessage, {
      params: { roomId },
      body: { commandId: newId(), body },
    });
    const messageId = event.type === 'message.posted' ? event.data.id : '';
    await client.must(rooms.addReaction, { params: { roomId, messageId, emoji: '👍' }, commandId: newId() });
  }
  await mkdir(join(app.dataDir, 'files', 'deep'), { recursive: true });
  await writeFile(join(app.dataDir, 'files', 'deep', 'plan.bin'), Buffer.alloc(300_000, 7));
  await writeFile(join(app.dataDir, 'files', 'empty'), '');
  archive = await archiveOf(app);
});
afterAll(() => app.close());

const refusal = async (work: Promise<unknown>): Promise<BackupProblem> => {
  const problem: unknown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(problem instanceof BackupProblem)) throw new Error(`not refused: ${String(problem)}`);
  return problem;
};

const otherThanEpochs = `select room_id, seq, hash, members_version from room_heads order by room_id`;

test('U09 what was backed up is what is restored: every row, every file, the keys, and new epochs', async () => {
  const place = await newPlace();
  const report = await restoreInto(place, archive);
  expect(report.facts).toBe((await app.sql('select 1 from facts')).length);
  for (const table of [
    'facts',
    'fact_payloads',
    'messages',
    'reactions',
    'memberships',
    'commands',
    'users',
    'sessions',
  ]) {
    const all = `select to_jsonb(t) as row from ${table} t order by to_jsonb(t)::text`;
    expect(await rowsOf(place, all), table).toEqual(await app.sql(all));
  }
  expect(await rowsOf(place, otherThanEpochs)).toEqual(await app.sql(otherThanEpochs));
  const epochs = async (from: Pick<Place, 'databaseUrl'>) =>
    (await rowsOf<{ epoch: string }>(from, 'select epoch from room_heads')).map(({ epoch }) => epoch);
  const [before, after] = [await epochs(app), await epochs(place)];
  expect(new Set([...before, ...after]).size, 'each room in an epoch of its own').toBe(before.length * 2);
  for (const file of ['keys/checkpoint.pem', 'files/deep/plan.bin', 'files/empty'])
    expect(await readFile(join(place.dataDir, file))).toEqual(await readFile(join(app.dataDir, file)));
});

test('L10 U09 after a restore the rules hold again and numbers go on', async () => {
  const place = await newPlace();
  await restoreInto(place, archive);
  for (const attack of ['update facts set type = type', 'delete from facts', 'truncate fact_redactions'])
    await expect(rowsOf(place, attack)).rejects.toThrow('append-only');
  const versions = `select sum(members_version)::int as sum from room_heads`;
  const [before] = await rowsOf<{ sum: number }>(place, versions);
  await rowsOf(place, `update memberships set role = role where room_id = '${roomId}'`);
  const [after] = await rowsOf<{ sum: number }>(place, versions);
  expect(after?.sum).toBe((before?.sum ?? 0) + 2);
  const [highest] = await rowsOf<{ place: string }>(place, 'select max(place) as place from reactions');
  const [next] = await rowsOf<{ place: string }>(
    place,
    `insert into reactions (message_id, emoji, user_id) select id, 'x', author_id from messages limit 1 returning place`,
  );
  expect(Number(next?.place)).toBe(Number(highest?.place) + 1);
});

test('U09 a session of before the backup is good after the restore', async () => {
  const place = await newPlace();
  await restoreInto(place, archive);
  const restored = await startTestApp(place);
  expect(
    (await client.at(`http://127.0.0.1:${restored.port}`).call(rooms.getRoom, { params: { roomId } })).status,
  ).toBe(200);
  await restored.close();
});

const broken: [string, () => Promise<string>, RegExp][] = [
  ['cut short', async () => altered((bytes) => bytes.subarray(0, bytes.length - 2_000)), /cut short/],
  ['one byte changed', async () => altered((bytes) => flipped(bytes, bytes.length >> 1)), /damaged/],
  ['not an archive', async () => altered(() => Buffer.from('hello')), /not a gzip file/],
  ['empty', async () => altered(() => Buffer.alloc(0)), /cut short|no manifest/],
  [
    'a changed row under the old manifest',
    () => repacked(archive, { entry: (path, bytes) => (/\/messages\//.test(path) ? flipped(bytes, 5) : bytes) }),
    /messages\/000000.copy is not what its manifest says/,
  ],
  [
    'a part left out',
    () => repacked(archive, { entry: (path, bytes) => (/\/sessions\//.test(path) ? null : bytes) }),
    /sessions\/000000.copy is missing/,
  ],
  [
    'a changed word in the log, with hashes of the file to match',
    () =>
      repacked(archive, {
        honest: true,
        entry: (path, bytes) =>
          path.includes('/fact_payloads/') ? Buffer.from(bytes.toString().replace('"Two"', '"Ten"')) : bytes,
      }),
    /fact \d+ of room \S+ does not say what its digest says/,
  ],
  [
    'a last fact cut off, with hashes of the file to match',
    () =>
      repacked(archive, {
        honest: true,
        entry: (path, bytes) =>
          path.includes('/room_heads/') ? Buffer.from(bytes.toString().replace(/\t(\d+)\t/, '\t9999\t')) : bytes,
      }),
    /the head of room \S+ is not its last fact/,
  ],
  [
    'a newer product',
    () => repacked(archive, { manifest: (it) => ({ ...it, migrations: [...it.migrations, '999_future'] }) }),
    /newer than this one\. Restore it with that version/,
  ],
  [
    'a newer format',
    () => repacked(archive, { manifest: (it) => ({ ...it, format: 2, entries: undefined }) }),
    /format 2\), newer than this one/,
  ],
];

test.each(broken)('U09 %s is refused in one sentence and nothing changes', async (_what, make, complaint) => {
  const place = await newPlace();
  await writeFile(join(place.dataDir, 'mine'), 'kept');
  const before = await contentOf(place);
  const { message } = await refusal(restoreInto(place, await make()));
  expect(message).toMatch(complaint);
  expect(await contentOf(place)).toEqual(before);
});

test('U09 a data folder without the key of the database is not backed up as if it were the right one', async () => {
  const { databaseUrl } = app;
  const { message } = await refusal(archiveOf({ databaseUrl, dataDir: await newFolder() }));
  expect(message).toMatch(/does not hold the key of this database/);
});

test('U09 an instance with something in it is replaced by force only, and wholly', async () => {
  const place = await newPlace();
  const other = await startTestApp(place);
  const stranger = await signUp(other);
  await other.close();
  const before = await contentOf(place);
  expect((await refusal(restoreInto(place, archive))).message).toMatch(/not empty .* --force/);
  expect(await contentOf(place)).toEqual(before);
  await restoreInto(place, archive, { force: true });
  expect(await rowsOf(place, `select from users where id = '${stranger.id}'`)).toEqual([]);
  expect(await readFile(join(place.dataDir, 'keys/checkpoint.pem'))).toEqual(
    await readFile(join(app.dataDir, 'keys/checkpoint.pem')),
  );
});

test('U09 a server that runs on the instance keeps it', async () => {
  const place = await newPlace();
  const running = await startTestApp(place);
  const { kind, message } = await refusal(restoreInto(place, archive, { force: true }));
  expect({ kind, message }).toEqual({ kind: 'conflict', message: expect.stringMatching(/Stop SafeSend/) });
  await running.close();
});

test('U09 a restore that dies before its commit leaves the instance as it was', async () => {
  const place = await newPlace();
  const other = await startTestApp(place);
  await signUp(other);
  await other.close();
  const before = await contentOf(place);
  const beforeCommit = async (restoring: pg.Client) => {
    await restoring.query('select pg_terminate_backend(pg_backend_pid())');
  };
  await expect(restoreInto(place, archive, { force: true, beforeCommit })).rejects.toThrow();
  expect(await contentOf(place)).toEqual(before);
});

test('U09 a restore that died around its commit is finished, or undone, by the next start', async () => {
  const place = await newPlace();
  await restoreInto(place, archive);
  const [restored] = await rowsOf<{ id: string }>(
    place,
    `select value->>'id' as id from operator_settings where name = 'restored'`,
  );
  const leave = async (id: string | undefined, text: string) => {
    await mkdir(join(place.dataDir, 'restoring/data/files'), { recursive: true });
    await writeFile(join(place.dataDir, 'restoring/data/files/late'), text);
    await writeFile(join(place.dataDir, 'restoring/restore.json'), JSON.stringify({ id, folders: ['files'] }));
    await settleFolders(place.dataDir, place.databaseUrl);
  };
  const files = async () => readFile(join(place.dataDir, 'files/late'), 'utf8');
  await leave(restored?.id, 'committed');
  expect(await files()).toBe('committed');
  await leave(newId(), 'never committed');
  expect(await files()).toBe('committed');
});

test('U09 an archive of an earlier version is restored as it was and then brought up to date', async () => {
  const databaseUrl = await makeDatabase(inject('postgresUrl'));
  const old = new pg.Client({ connectionString: databaseUrl });
  await old.connect();
  await migrateWithin(old, databaseUrl, '008_people');
  const [room, actor] = [newId(), newId()];
  const envelope = {
    roomId: room,
    seq: 1,
    id: newId(),
    type: 'project.created',
    actorId: actor,
    at: '2026-01-02T03:04:05.006Z',
  };
  const { salt, digest, prevHash, hash } = seal(envelope, { old: true }, '0'.repeat(64));
  await old.query(`insert into rooms (id, kind, created_at) values ($1, 'note', now())`, [room]);
  await old.query(`insert into room_heads (room_id, seq, hash) values ($1, 1, $2)`, [room, hash]);
  await old.query(
    `insert into facts (room_id, seq, id, type, actor_id, at, counts_unread, digest, prev_hash, hash) values ($1, 1, $2, $3, $4, $5, false, $6, $7, $8)`,
    [room, envelope.id, envelope.type, actor, envelope.at, digest, prevHash, hash],
  );
  await old.query(`insert into fact_payloads values ($1, 1, $2, '{"old": true}')`, [room, salt]);
  await old.query(
    `insert into commands (actor_id, command_id, verb, body_hash, at) values ($1, 'c', 'v', 'in clear', now())`,
    [actor],
  );
  await old.end();
  await installJobs(databaseUrl);
  const place = await newPlace();
  const { facts, manifest } = await restoreInto(place, await archiveOf({ databaseUrl, dataDir: await newFolder() }));
  expect({ facts, last: manifest.migrations.at(-1) }).toEqual({ facts: 1, last: '008_people' });
  expect(await rowsOf(place, 'select body_hash from commands')).toEqual([{ body_hash: '' }]);
  expect(await rowsOf(place, 'select name from migrations order by id')).toEqual(
    await app.sql('select name from migrations order by id'),
  );
});

async function altered(change: (bytes: Buffer) => Buffer): Promise<string> {
  const path = join(await newFolder(), 'altered.tar.gz');
  await writeFile(path, change(await readFile(archive)));
  return path;
}

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
