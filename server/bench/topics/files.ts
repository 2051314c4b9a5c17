// A large upload against a form with a file in it, and an archive of what was uploaded.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { median, type Figure } from '../figure.ts';
import { sendForm, sendUpload } from '../load/sending.ts';
import { BrokenRun, ServerProcess } from '../process.ts';
import { startProduct, type Product } from '../systems.ts';
import { inTurns, type Topic } from './topic.ts';

const largeBytes = { whole: 1_000_000_000, quick: 50_000_000 };

interface Cost {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** The most the server's memory grew by meanwhile. */
  readonly grownKilobytes: number;
}

export const files: Topic = {
  name: 'files',
  async measure(stage, { quick, rounds }) {
    const product = await startProduct(stage, { rooms: 1, members: 2, senders: 1 });
    const folder = join(stage.folder, 'multipart');
    await mkdir(folder);
    const program = join(import.meta.dirname, '../yardsticks/multipart.ts');
    const form = stage.keep(await ServerProcess.start(program, { FOLDER: folder }));
    try {
      const size = quick ? largeBytes.quick : largeBytes.whole;
      const uploads = await inTurns(rounds, {
        product: () => costOf(product.servers[0], () => upload(product, size)),
        form: () => costOf(form, () => sendForm({ url: form.url, size, bytesPerSecond: null })),
      });
      const archive = await costOf(product.servers[0], () => takeAll(product, size * rounds));
      return [...figuresOfUploads(uploads, size), figureOfArchive(archive, size * rounds)];
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

async function upload({ servers, places: [place] }: Product, size: number): Promise<void> {
  if (!place) throw new Error('nobody is there');
  await sendUpload({ url: servers[0]?.url ?? '', size, bytesPerSecond: null }, place);
}

/** What the rounds have uploaded, as one ZIP. */
async function takeAll({ servers, places: [place] }: Product, size: number): Promise<void> {
  const path = `${servers[0]?.url ?? ''}/api/v1/rooms/${place?.roomId ?? ''}/files/archive`;
  const answer = await fetch(path, { headers: { cookie: place?.cookie ?? '' } });
  let received = 0;
  for await (const chunk of answer.body ?? []) received += chunk.length;
  if (!answer.ok || received < size) throw new BrokenRun(`an archive answered ${answer.status}, ${received} bytes`);
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
