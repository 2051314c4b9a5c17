// A large upload against a form with a file in it, and what people who talk notice of fifty uploads in the same process.
import { randomBytes } from 'node:crypto';
import { request, type RequestOptions } from 'node:http';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { median, type Figure } from '../figure.ts';
import { measureTurn, type Kept } from '../measure.ts';
import { BrokenRun, ServerProcess } from '../process.ts';
import type { Stage } from '../stage.ts';
import { startProduct, type Product } from '../systems.ts';
import { inTurns, type Topic } from './topic.ts';

const largeBytes = { whole: 1_000_000_000, quick: 50_000_000 };
const smallBytes = 20_000_000;
const uploadsAtOnce = 50;
/** Messages a second, in all. */
const talkRate = 200;
const piece = randomBytes(1024 * 1024);

interface Cost {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** The most the server's memory grew by meanwhile. */
  readonly grownKilobytes: number;
}

export const files: Topic = {
  name: 'files',
  async measure(stage, { quick, rounds, seconds }) {
    const product = await startProduct(stage, { rooms: 10, members: 4, senders: 2 });
    const folder = join(stage.folder, 'multipart');
    await mkdir(folder);
    const program = join(import.meta.dirname, '../yardsticks/multipart.ts');
    const form = stage.keep(await ServerProcess.start(program, { FOLDER: folder }));
    try {
      const size = quick ? largeBytes.quick : largeBytes.whole;
      const uploads = await inTurns(rounds, {
        product: () => costOf(product.servers[0], () => upload(product, size)),
        form: () => costOf(form, () => sendForm(form.url, size)),
      });
      const archive = await costOf(product.servers[0], () => takeAll(product, size * rounds));
      const kept = { acked: 0 };
      const talk = await inTurns(rounds, {
        alone: () => talkMs(stage, product, seconds, kept),
        beside: () => beside(product, () => talkMs(stage, product, seconds, kept)),
      });
      return [...figuresOfUploads(uploads, size), figureOfArchive(archive, size * rounds), figureOfTalk(talk)];
    } finally {
      await stage.end(...product.servers, form);
    }
  },
};

async function costOf(server: ServerProcess | undefined, work: () => Promise<void>): Promise<Cost> {
  if (!server) throw new Error('a cost needs a server');
  const before = await server.usage({ tidy: true });
  let most = before.rssBytes;
  let isOver = false;
  // One look after the other: a server that parses a whole form in one turn does not answer meanwhile.
  const look = async () => {
    for (; !isOver; await pause(250)) most = Math.max(most, (await server.usage()).rssBytes);
  };
  const looking = look();
  const begun = performance.now();
  await work().finally(() => (isOver = true));
  const seconds = (performance.now() - begun) / 1_000;
  await looking;
  const after = await server.usage();
  const grownKilobytes = (Math.max(most, after.rssBytes) - before.rssBytes) / 1024;
  return { seconds, cpuSeconds: after.cpuSeconds - before.cpuSeconds, grownKilobytes };
}

function* bytes(size: number): Generator<Buffer> {
  for (let left = size; left > 0; left -= piece.length) yield left < piece.length ? piece.subarray(0, left) : piece;
}

async function upload({ servers, places }: Product, size: number, place = places[0]): Promise<void> {
  if (!place) throw new Error('nobody is there');
  const url = servers[0]?.url ?? '';
  const metadata = Object.entries({ roomId: place.roomId, filename: 'large.bin' });
  const common = { cookie: place.cookie, origin: url, 'tus-resumable': '1.0.0' };
  const opened = await fetch(`${url}/api/v1/uploads`, {
    method: 'POST',
    headers: {
      ...{ ...common, 'upload-length': String(size) },
      'upload-metadata': metadata.map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`).join(','),
    },
  });
  if (opened.status !== 201) throw new BrokenRun(`an upload answered ${opened.status}: ${await opened.text()}`);
  const path = `${url}${opened.headers.get('location') ?? ''}`;
  const headers = { ...common, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' };
  await send(path, { method: 'PATCH', headers: { ...headers, 'content-length': size } }, Readable.from(bytes(size)));
}

/** What the rounds have uploaded, as one ZIP. */
async function takeAll({ servers, places: [place] }: Product, size: number): Promise<void> {
  const path = `${servers[0]?.url ?? ''}/api/v1/rooms/${place?.roomId ?? ''}/files/archive`;
  const answer = await fetch(path, { headers: { cookie: place?.cookie ?? '' } });
  let received = 0;
  for await (const chunk of answer.body ?? []) received += chunk.length;
  if (!answer.ok || received < size) throw new BrokenRun(`an archive answered ${answer.status}, ${received} bytes`);
}

async function sendForm(url: string, size: number): Promise<void> {
  const boundary = 'safesend-bench';
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="large.bin"\r\nContent-Type: application/octet-stream\r\n\r\n`;
  const tail = `\r\n--${boundary}--\r\n`;
  const body = function* () {
    yield Buffer.from(head);
    yield* bytes(size);
    yield Buffer.from(tail);
  };
  const headers = {
    'content-type': `multipart/form-data; boundary=${boundary}`,
    'content-length': head.length + size + tail.length,
  };
  await send(url, { method: 'POST', headers }, Readable.from(body()));
}

async function send(url: string, options: RequestOptions, body: Readable): Promise<void> {
  const sending = request(url, options);
  const answered = new Promise<number>((resolve, reject) => {
    sending.once('response', (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0));
    });
    sending.once('error', reject);
  });
  await pipeline(body, sending);
  const status = await answered;
  if (status >= 300) throw new BrokenRun(`an upload answered ${status}`);
}

async function talkMs(stage: Stage, product: Product, seconds: number, kept: Kept): Promise<number> {
  const { talk } = await measureTurn(stage, product, { talk: { kind: 'paced', seconds, rate: talkRate } }, kept);
  return talk.screenMs.p99;
}

/** While the work is done, fifty uploads are under way; who ends begins again. */
async function beside(product: Product, work: () => Promise<number>): Promise<number> {
  let isOver = false;
  const keepSending = async (_: unknown, at: number) => {
    const place = product.places[at % product.places.length];
    while (!isOver) await upload(product, smallBytes, place);
  };
  const sending = Promise.all(Array.from({ length: uploadsAtOnce }, keepSending));
  const measured = await Promise.race([work(), sending.then(() => Number.NaN)]).finally(() => (isOver = true));
  await sending;
  return measured;
}

function figuresOfUploads(results: Record<'product' | 'form', Cost[]>, size: number): Figure[] {
  const amount = `${(size / 1e9).toLocaleString('en')} GB`;
  const compare = (pick: (cost: Cost) => number) => ({
    product: median(results.product.map(pick)),
    yardstick: { name: 'a form with a file, Hono', value: median(results.form.map(pick)) },
    goal: null,
  });
  return [
    { id: 'files.time', what: `an upload of ${amount}`, unit: 'seconds', ...compare((it) => it.seconds) },
    { id: 'files.cpu', what: '– CPU of the server', unit: 'CPU seconds', ...compare((it) => it.cpuSeconds) },
    { id: 'files.memory', what: '– its memory grew by', unit: 'kilobytes', ...compare((it) => it.grownKilobytes) },
  ];
}

function figureOfArchive({ seconds, grownKilobytes }: Cost, size: number): Figure {
  return {
    id: 'files.archive',
    what: `a ZIP of ${(size / 1e9).toLocaleString('en')} GB: memory of the server grew by`,
    unit: 'kilobytes',
    product: grownKilobytes,
    yardstick: null,
    goal: { atMost: 50 * 1024 },
    note: `${seconds.toFixed(1)} s`,
  };
}

function figureOfTalk({ alone, beside: busy }: Record<'alone' | 'beside', number[]>): Figure {
  return {
    id: 'files.talk',
    what: `p99 to the other screens at ${talkRate}/s beside ${uploadsAtOnce} uploads in the same process`,
    unit: 'milliseconds',
    product: median(busy),
    yardstick: { name: 'without uploads', value: median(alone) },
    goal: { atMost: 1.2 },
  };
}
