// What people who talk notice of fifty uploads in the same process, and of fifty forms that another process takes.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { median, type Figure } from '../figure.ts';
import type { SendOrder } from '../load/senders.ts';
import { measureTurn, type Kept } from '../measure.ts';
import { SendersProcess, ServerProcess, type Sent } from '../process.ts';
import type { Stage } from '../stage.ts';
import { startProduct, type Product } from '../systems.ts';
import { inTurns, type Topic } from './topic.ts';

const uploadsAtOnce = 50;
/** Messages a second, in all. */
const talkRate = 200;
interface Crowd {
  readonly fileBytes: number;
  /** Of each; null: as fast as it is taken. */
  readonly bytesPerSecond: number | null;
}
/** Together they fill a line of so many Mbit/s. */
const lineOf = (megabits: number): Crowd => ({
  fileBytes: 2_000_000,
  bytesPerSecond: (megabits * 125_000) / uploadsAtOnce,
});
const [narrow, line] = [lineOf(50), lineOf(200)];
const flatOut: Crowd = { fileBytes: 20_000_000, bytesPerSecond: null };

interface Talk {
  readonly p99: number;
  /** What came in beside it. */
  readonly sent: Sent | null;
}

export const beside: Topic = {
  name: 'beside',
  async measure(stage, { rounds, seconds, profileFile, say }) {
    const product = await startProduct(stage, { rooms: 10, members: 4, senders: 2 });
    const [server] = product.servers;
    if (!server) throw new Error('the product has a process');
    const folder = join(stage.folder, 'forms');
    await mkdir(folder);
    const program = join(import.meta.dirname, '../yardsticks/multipart.ts');
    const form = stage.keep(await ServerProcess.start(program, { FOLDER: folder }));
    const kept = { acked: 0 };
    const talk = async (order: SendOrder | null): Promise<Talk> => {
      const talked = await talkBeside(stage, product, { seconds, order, kept });
      const { sent } = talked;
      if (sent) say(`${order?.kind}: ${JSON.stringify(talked)}`);
      return talked;
    };
    const forms = (crowd: Crowd) => orderOf(product, 'form', form.url, crowd);
    const uploads = (crowd: Crowd) => orderOf(product, 'tus', server.url, crowd);
    try {
      const results = await inTurns(rounds, {
        alone: () => talk(null),
        narrowForms: () => talk(forms(narrow)),
        narrowUploads: () => talk(uploads(narrow)),
        lineForms: () => talk(forms(line)),
        lineUploads: () => talk(uploads(line)),
        flatForms: () => talk(forms(flatOut)),
        flatUploads: () => talk(uploads(flatOut)),
      });
      if (profileFile !== null) {
        server.beginProfile();
        await talk(uploads(flatOut));
        await writeFile(profileFile, JSON.stringify(await server.endProfile()));
      }
      return figuresOf(results);
    } finally {
      await stage.end(...product.servers, form);
    }
  },
};

function orderOf({ places }: Product, kind: SendOrder['kind'], url: string, crowd: Crowd): SendOrder {
  const senders = Array.from({ length: uploadsAtOnce }, (_, at) => places[at % places.length] ?? []).flat();
  return { kind, sending: { url, size: crowd.fileBytes, bytesPerSecond: crowd.bytesPerSecond }, senders };
}

interface Beside {
  readonly seconds: number;
  readonly order: SendOrder | null;
  readonly kept: Kept;
}

async function talkBeside(stage: Stage, product: Product, { seconds, order, kept }: Beside): Promise<Talk> {
  const phases = { talk: { kind: 'paced', seconds, rate: talkRate } } as const;
  if (!order) return { p99: (await measureTurn(stage, product, phases, kept)).talk.screenMs.p99, sent: null };
  const senders = stage.keep(new SendersProcess());
  let sent: Sent | null = null;
  const { talk } = await measureTurn(stage, product, phases, kept, async (work) => {
    const during = await senders.during(order, work);
    ({ sent } = during);
    return during.result;
  });
  await stage.end(senders);
  return { p99: talk.screenMs.p99, sent };
}

type Turn = 'alone' | 'narrowForms' | 'narrowUploads' | 'lineForms' | 'lineUploads' | 'flatForms' | 'flatUploads';

function figuresOf(results: Record<Turn, Talk[]>): Figure[] {
  const p99 = (turn: Turn) => median(results[turn].map((it) => it.p99));
  const rate = (turn: Turn) => median(results[turn].map(({ sent }) => sent?.bytesPerSecond ?? 0)) / 1e6;
  const figures = (id: string, what: string, uploads: Turn, forms: Turn): Figure[] => [
    {
      id: `beside.${id}`,
      what: `p99 to the other screens at ${talkRate}/s beside ${uploadsAtOnce} uploads ${what}`,
      unit: 'milliseconds',
      product: p99(uploads),
      yardstick: { name: 'without uploads', value: p99('alone') },
      goal: { atMost: 1.2 },
      note: `${rate(uploads).toFixed(0)} MB/s came in`,
    },
    {
      id: `beside.${id}.machine`,
      what: '– the same beside forms that another process takes',
      unit: 'milliseconds',
      product: p99(forms),
      yardstick: { name: 'without uploads', value: p99('alone') },
      goal: null,
      note: `${rate(forms).toFixed(0)} MB/s came in`,
    },
  ];
  return [
    ...figures('narrow', 'through a line of 50 Mbit/s', 'narrowUploads', 'narrowForms'),
    ...figures('line', 'through a line of 200 Mbit/s', 'lineUploads', 'lineForms'),
    ...figures('flat', 'as fast as they are taken', 'flatUploads', 'flatForms'),
  ];
}
