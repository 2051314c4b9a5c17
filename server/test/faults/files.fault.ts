import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import * as files from '@safesend/shared/files/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { expect } from 'vitest';
import {
  askUpload,
  credentials,
  getContent,
  mustDrop,
  openUpload,
  sendBytes,
  someBytes,
  uploadIdOf,
} from '../drops.ts';
import { tier, trials } from '../tier.ts';
import type { Bench } from './bench.ts';
import { faultTest } from './fault-test.ts';

const points = ['hashed', 'published', 'dropped'] as const;
const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function filesNamed(bench: Bench, name: string): Promise<{ id: string; sha256: string; facts: number }[]> {
  return bench.sql(
    `select f.id, v.sha256, (select count(*)::int from fact_payloads p where p.data ->> 'id' = f.id::text) as facts
     from files f join file_versions v on v.file_id = f.id where f.name = $1`,
    [name],
  );
}

faultTest(
  'T-F28 X19 a server that dies between the last byte and the fact: one file, one fact, the bytes that were sent',
  { nodes: 1, without: 'upload-round', environment: { ROLES: 'web,worker' } },
  async (bench) => {
    const [owner] = await bench.folk(1);
    if (!owner) throw new Error('nobody came');
    const room = await bench.room(owner);
    const node = bench.node(0);
    for (let trial = 0; trial < Math.max(points.length, trials(150)); trial++) {
      const [name, content] = [`${newId()}.bin`, someBytes(300_000)];
      const sender = owner.at(node.url);
      const uploadId = uploadIdOf(await openUpload(sender, { roomId: room.id, name, content }));
      await node.arm(`exit:${points[trial % points.length] ?? 'hashed'}`);
      const died = node.ended();
      await sendBytes(sender, uploadId, 0, content).catch(() => undefined);
      await died;
      expect((await filesNamed(bench, name)).length, 'nothing is half there').toBeLessThanOrEqual(1);
      await node.start();
      // The sender never comes back: the product finishes what it has.
      await expect.poll(() => filesNamed(bench, name), { timeout: 25_000 }).toMatchObject([{ facts: 1 }]);
      const [file] = await filesNamed(bench, name);
      expect(file?.sha256).toBe(hashOf(content));
      const got = await getContent(sender, file?.id ?? '');
      expect(hashOf(new Uint8Array(await got.arrayBuffer()))).toBe(file?.sha256);
    }
  },
);

/** The most memory a process ever had, or what it has now, in MB; null where the system does not say. */
async function memoryOf(pid: number, which: 'VmHWM' | 'VmRSS'): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kilobytes = new RegExp(`^${which}:\\s+(\\d+) kB`, 'm').exec(status)?.[1];
  return kilobytes === undefined ? null : Math.round(Number(kilobytes) / 1024);
}

const peakOf = (pid: number) => memoryOf(pid, 'VmHWM');

/** The whole test sends what the product is made for, the quick one a hundredth of it. */
const uploadBytes = tier === 'long' ? 2_000_000_000 : 20_000_000;

faultTest(
  'X19 UX 24 an upload cut twenty times and across a death of the server is one file with the bytes that were sent',
  { nodes: 2, without: 'upload-round', environment: { ROLES: 'web,worker' } },
  async (bench) => {
    const [owner] = await bench.folk(1);
    if (!owner) throw new Error('nobody came');
    const room = await bench.room(owner);
    const node = bench.node(0);
    const [name, content] = [`${newId()}.bin`, someBytes(uploadBytes)];
    const begun = performance.now();
    // Two processes share the staging folder, and the sender meets now one, now the other.
    let sender = owner.at(node.url);
    const what = { roomId: room.id, name, content, commandId: newId() };
    const uploadId = uploadIdOf(await openUpload(sender, what));
    let arrived = 0;
    for (let cuts = 0; cuts < 20; cuts++) {
      const abort = new AbortController();
      const piece = content.subarray(arrived, arrived + Math.floor(uploadBytes / 21));
      const sending = sendBytes(sender, uploadId, arrived, piece, abort.signal).catch(() => undefined);
      if (cuts % 2 === 0) setTimeout(() => abort.abort(), bench.chance.between(0, uploadBytes / 1_000_000));
      await sending;
      if (cuts === 10) {
        bench.note('memory of the first server at its death, MB', (await peakOf(node.pid)) ?? 'unknown');
        await node.kill();
        await node.start();
      }
      sender = owner.at(bench.node(cuts % 2).url);
      expect(uploadIdOf(await openUpload(sender, what))).toBe(uploadId);
      const asked = await askUpload(sender, uploadId);
      expect(asked.status).toBe(200);
      const offset = Number(asked.headers.get('upload-offset'));
      expect(offset, 'what has arrived stays').toBeGreaterThanOrEqual(arrived);
      arrived = offset;
    }
    sender = owner.at(node.url);
    await node.arm('exit:hashed');
    const died = node.ended();
    await sendBytes(sender, uploadId, arrived, content.subarray(arrived)).catch(() => undefined);
    await died;
    await node.start();
    await expect
      .poll(() => filesNamed(bench, name), { timeout: tier === 'long' ? 120_000 : 25_000 })
      .toMatchObject([{ facts: 1 }]);
    bench.note('seconds from the first byte to the fact', ((performance.now() - begun) / 1_000).toFixed(1));
    const peaks = await Promise.all([0, 1].map(async (at) => peakOf(bench.node(at).pid)));
    bench.note('memory of the servers, MB', peaks.map((it) => it ?? 'unknown').join(' and '));
    // It took in a file that is larger than its memory may grow.
    if (tier === 'long') for (const peak of peaks) expect(peak ?? 0).toBeLessThan(600);
    await expect.poll(() => readdir(join(bench.dataDir, 'staging')), { timeout: 30_000 }).toEqual([]);
    expect((await filesNamed(bench, name))[0]?.sha256).toBe(hashOf(content));
    const { items } = await sender.must(files.listFiles, { query: { q: name } });
    expect(items).toHaveLength(1);
  },
);

const archivedFiles = 20;
const archivedBytes = tier === 'long' ? 100_000_000 : 15_000_000;
/** Far less than what is sent: an archive that is gathered anywhere would not fit. */
const mayGrowMegabytes = 200;
/** So long somebody who is slow reads nothing: whoever gathers has all of it by then. */
const restMs = 5_000;

faultTest(
  'UX 30 X19 a project of 2 GB is downloaded as one ZIP by somebody in a hurry and by somebody who is slow: the memory of the server stays',
  { nodes: 1, without: 'download-pace', environment: { ROLES: 'web,worker' } },
  async (bench) => {
    const [owner, reader] = await bench.folk(2);
    if (!owner || !reader) throw new Error('nobody came');
    const room = await bench.room(owner, reader);
    const node = bench.node(0);
    const content = someBytes(archivedBytes);
    for (let n = 0; n < archivedFiles; n++)
      await mustDrop(owner.at(node.url), { roomId: room.id, name: `part ${n}.bin`, content });
    // What taking them in has left of memory that can be used again would hide what is gathered.
    await node.kill();
    await node.start();
    const before = (await memoryOf(node.pid, 'VmRSS')) ?? 0;
    let most = before;
    const look = async () => (most = Math.max(most, (await memoryOf(node.pid, 'VmRSS')) ?? 0));
    for (const pauseMs of [0, 20]) {
      const answer = await fetch(`${node.url}/api/v1/rooms/${room.id}/files/archive`, {
        headers: credentials(reader.at(node.url)),
      });
      expect(answer.status).toBe(200);
      let [received, looked] = [0, 0];
      for await (const chunk of answer.body ?? []) {
        if (received === 0 && pauseMs > 0) await watched(look, () => most - before < mayGrowMegabytes);
        received += chunk.length;
        if (received - looked < archivedBytes / 20) continue;
        looked = received;
        await look();
        // He reads on when he has had a breath; what waits for him must not pile up.
        await pause(pauseMs);
      }
      expect(received).toBeGreaterThanOrEqual(archivedFiles * archivedBytes);
    }
    bench.note('memory of the server before, and the most during two ZIPs, MB', `${before} and ${most}`);
    expect(most - before).toBeLessThan(mayGrowMegabytes);
  },
);

async function watched(look: () => Promise<unknown>, isQuiet: () => boolean): Promise<void> {
  for (const until = performance.now() + restMs; performance.now() < until && isQuiet(); await pause(100)) await look();
}
