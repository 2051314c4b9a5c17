// Every connection breaks at once, a hundred messages are written to each room, everybody comes back at once.
import { median, type Figure } from '../figure.ts';
import { checkKept, cpuOf, refuseFaults, untilCalm, type Kept } from '../measure.ts';
import { LoadProcess } from '../process.ts';
import type { Stage } from '../stage.ts';
import { startProduct, startReplay, type System } from '../systems.ts';
import { inTurns, type Topic } from './topic.ts';

const members = 10;
const missed = 100;
const rooms = { whole: 500, quick: 50 };

interface Resumed {
  readonly seconds: number;
  readonly bytes: number;
  readonly cpuSeconds: number;
}

export const resume: Topic = {
  name: 'resume',
  async measure(stage, { quick, rounds }) {
    const size = { rooms: quick ? rooms.quick : rooms.whole, members, senders: 1 };
    const product = await startProduct(stage, size);
    const replay = await startReplay(stage, size);
    const kept: Kept = { acked: 0 };
    try {
      const results = await inTurns(rounds, {
        product: () => comeBack(stage, product, (system) => write(stage, system, kept)),
        bare: () => comeBack(stage, replay, async () => undefined),
      });
      await checkKept(product, kept);
      return figuresOf(results, product.seats.length, replay.title);
    } finally {
      await stage.end(...product.servers, ...replay.servers);
    }
  },
};

async function comeBack(stage: Stage, system: System, whileAway: (system: System) => Promise<void>): Promise<Resumed> {
  const load = stage.keep(new LoadProcess());
  try {
    await load.tell({ do: 'join', seats: system.seats, order: system.order }, 'joined');
    await load.tell({ do: 'drop' }, 'dropped');
    await whileAway(system);
    await untilCalm(system);
    const before = await cpuOf(system);
    const { seconds, bytes, faults } = await load.tell({ do: 'resume', missed }, 'resumed');
    const cpuSeconds = (await cpuOf(system)) - before;
    refuseFaults(system, faults);
    await load.tell({ do: 'leave' }, 'left');
    return { seconds, bytes, cpuSeconds };
  } finally {
    await stage.end(load);
  }
}

async function write(stage: Stage, system: System, kept: Kept): Promise<void> {
  const load = stage.keep(new LoadProcess());
  try {
    const seats = system.seats.filter(({ sends }) => sends);
    await load.tell({ do: 'join', seats, order: system.order }, 'joined');
    const { ackedEver, faults } = await load.tell({ do: 'post', each: missed, window: 4 }, 'posted');
    refuseFaults(system, faults);
    kept.acked += ackedEver;
    await load.tell({ do: 'leave' }, 'left');
  } finally {
    await stage.end(load);
  }
}

function figuresOf(results: Record<'product' | 'bare', Resumed[]>, clients: number, title: string): Figure[] {
  const compare = (pick: (resumed: Resumed) => number) => ({
    product: median(results.product.map(pick)),
    yardstick: { name: `${title}, from memory`, value: median(results.bare.map(pick)) },
  });
  const what = `${clients.toLocaleString('en')} clients back at once, each ${missed} messages behind: all caught up`;
  return [
    { id: 'resume', what, unit: 'seconds', ...compare(({ seconds }) => seconds), goal: { atMost: 1 } },
    {
      ...{ id: 'resume.cpu', what: '– CPU of the server', unit: 'seconds', goal: null },
      ...compare(({ cpuSeconds }) => cpuSeconds),
    },
    {
      ...{ id: 'resume.bytes', what: '– bytes each client was sent', unit: 'kilobytes', goal: null },
      ...compare(({ bytes }) => bytes / clients / 1024),
    },
  ];
}
