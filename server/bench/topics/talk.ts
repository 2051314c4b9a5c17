// 50 rooms of 10 people, two of each room writing: how many messages, how soon, at what cost.
import { writeFile } from 'node:fs/promises';
import { chainShareOf } from '../cpu.ts';
import { median, type Figure } from '../figure.ts';
import type { Phase } from '../load/plan.ts';
import { checkKept, measureIdle, measureTurn, profileFlatOut, type PhaseResult } from '../measure.ts';
import { startBare, startOneInsert, startProduct, type System } from '../systems.ts';
import type { Stage } from '../stage.ts';
import { findPace } from './pace.ts';
import { inTurns, type Effort, type Topic } from './topic.ts';

const size = { rooms: 50, members: 10, senders: 2 };
const steadyRate = 500;
const busyRates = [5_000, 2_000, 1_000];

export const talk: Topic = {
  name: 'talk',
  async measure(stage, effort) {
    const product = await startProduct(stage, size);
    const bare = await startBare(stage, size);
    const oneInsert = await startOneInsert(stage, size);
    try {
      return [
        ...(await measureIdleCost(stage, effort, product, bare)),
        ...(await measureTalk(stage, effort, product, bare, oneInsert)),
      ];
    } finally {
      await stage.end(...product.servers, ...bare.servers, ...oneInsert.servers);
    }
  },
};

async function measureIdleCost(stage: Stage, { quick }: Effort, product: System, bare: System): Promise<Figure[]> {
  const tabs = quick ? 1 : 2;
  const [ours, theirs] = [await measureIdle(stage, product, tabs), await measureIdle(stage, bare, tabs)];
  const common = { unit: 'kilobytes', id: 'idle' } as const;
  return [
    {
      ...common,
      what: 'memory of one more idle, signed-in, joined connection',
      product: ours.rssBytes / 1024,
      yardstick: { name: bare.title, value: theirs.rssBytes / 1024 },
      goal: { atMost: 1.25 },
    },
    {
      ...{ ...common, id: 'idle.heap' },
      what: '– of that heap and buffers',
      product: ours.heapBytes / 1024,
      yardstick: { name: bare.title, value: theirs.heapBytes / 1024 },
      goal: null,
    },
  ];
}

async function measureTalk(stage: Stage, effort: Effort, product: System, bare: System, oneInsert: System) {
  const { seconds, rounds, say } = effort;
  const counts = { product: { acked: 0 }, bare: { acked: 0 }, oneInsert: { acked: 0 } };
  const pace = await findPace(stage, bare, busyRates, seconds, counts.bare);
  const own = phasesOf(seconds);
  const busy = { busy: { kind: 'paced', seconds, rate: pace } as Phase };
  const results = await inTurns<'product' | 'bare' | 'oneInsert', Partial<Record<Part, PhaseResult>>>(rounds, {
    product: () => measureTurn(stage, product, { ...own, ...busy }, counts.product),
    bare: () => measureTurn(stage, bare, { ...own, ...busy }, counts.bare),
    oneInsert: () => measureTurn(stage, oneInsert, own, counts.oneInsert),
  });
  const profile = await profileFlatOut(stage, product, own.several, counts.product);
  if (effort.profileFile !== null) await writeFile(effort.profileFile, JSON.stringify(profile));
  for (const [name, system] of Object.entries({ product, bare, oneInsert })) {
    await checkKept(system, counts[name as keyof typeof counts]);
  }
  say(`talk: the busy pace is ${pace}/s`);
  return figuresOf(results, pace, chainShareOf(profile), oneInsert.title, bare.title);
}

function phasesOf(seconds: number) {
  return {
    single: { kind: 'closed', seconds, window: 1 },
    several: { kind: 'closed', seconds, window: 8 },
    steady: { kind: 'paced', seconds, rate: steadyRate },
  } as const;
}

type Part = 'single' | 'several' | 'steady' | 'busy';
type Results = Record<'product' | 'bare' | 'oneInsert', Partial<Record<Part, PhaseResult>>[]>;

function figuresOf(results: Results, pace: number, chain: number, oneInsert: string, bare: string): Figure[] {
  const over = (system: keyof Results, part: Part, pick: (result: PhaseResult) => number) =>
    median(results[system].flatMap((round) => (round[part] ? [pick(round[part])] : [])));
  const against = (system: 'bare' | 'oneInsert', part: Part, pick: (result: PhaseResult) => number) => ({
    product: over('product', part, pick),
    yardstick: { name: system === 'bare' ? bare : oneInsert, value: over(system, part, pick) },
  });
  const speed = ({ acked, seconds }: PhaseResult) => acked / seconds;
  const cpu = ({ cpuSeconds, deliveries }: PhaseResult) => (cpuSeconds / deliveries) * 1_000;
  const screen = ({ screenMs }: PhaseResult) => screenMs.p99;
  const ack = ({ ackMs }: PhaseResult) => ackMs.p99;
  const reached = over('product', 'busy', speed);
  const behind = reached < pace * 0.97 ? { note: `the product carried ${Math.round(reached)}/s` } : {};
  const singly = 'acknowledged messages, 50 × 10, each sender one at a time, as a person types';
  const severally = 'acknowledged messages, 50 × 10, eight under way per sender, as scripts and busy rooms do';
  const perSecond = { unit: 'per second' } as const;
  const ms = { unit: 'milliseconds' } as const;
  const cpuSeconds = { unit: 'CPU seconds' } as const;
  return [
    { id: 'closed.1', what: singly, ...perSecond, ...against('bare', 'single', speed), goal: { atLeast: 1.5 } },
    { id: 'closed.1.insert', what: '– the same', ...perSecond, ...against('oneInsert', 'single', speed), goal: null },
    { id: 'closed.8', what: severally, ...perSecond, ...against('bare', 'several', speed), goal: { atLeast: 1.5 } },
    {
      ...{ id: 'closed.8.insert', what: '– the same', ...perSecond },
      ...against('oneInsert', 'several', speed),
      goal: { atLeast: 6 },
    },
    {
      ...{ id: 'cpu', what: 'CPU of the server per 1,000 deliveries, eight under way', ...cpuSeconds },
      ...against('bare', 'several', cpu),
      goal: { atMost: 1 },
    },
    {
      ...{ id: 'paced.500', what: `send → screen p99 at ${steadyRate}/s`, ...ms },
      ...against('bare', 'steady', screen),
      goal: { atMost: 6 },
    },
    { id: 'paced.500.ack', what: '– send → acknowledged p99', ...ms, ...against('bare', 'steady', ack), goal: null },
    {
      ...{ id: 'paced.500.insert', what: '– send → screen p99', ...ms },
      ...against('oneInsert', 'steady', screen),
      goal: null,
    },
    {
      ...{ id: 'paced.500.cpu', what: '– CPU of the server per 1,000 deliveries', ...cpuSeconds },
      ...against('bare', 'steady', cpu),
      goal: null,
    },
    {
      ...{ id: 'paced.busy', what: `send → screen p99 at ${pace.toLocaleString('en')}/s`, ...ms, ...behind },
      ...against('bare', 'busy', screen),
      goal: { atMost: 2 },
    },
    {
      ...{ id: 'chain', what: 'hash chain, share of the server’s CPU, eight under way', unit: 'share' },
      ...{ product: chain, yardstick: null },
      goal: { atMost: 0.1 },
    },
  ];
}
