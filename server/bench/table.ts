import type { IdleCost, RoundResult } from './measure.ts';
import { titles, type SystemName } from './systems.ts';

/** Medians of one system's rounds. */
export interface Summary {
  readonly ackedPerSecond: number;
  readonly fullAckP50: number;
  readonly fullAckP99: number;
  readonly fullScreenP50: number;
  readonly fullScreenP99: number;
  readonly cpuPer1000: number;
  readonly pacedPerSecond: number;
  readonly pacedAckP50: number;
  readonly pacedAckP99: number;
  readonly pacedScreenP50: number;
  readonly pacedScreenP99: number;
  readonly pacedCpuPer1000: number;
  readonly idleRssBytes: number;
  readonly idleHeapBytes: number;
}

export function summarise(rounds: readonly RoundResult[], idle: IdleCost): Summary {
  const over = (pick: (round: RoundResult) => number) => median(rounds.map(pick));
  return {
    ackedPerSecond: over(({ closed }) => closed.acked / closed.seconds),
    fullAckP50: over(({ closed }) => closed.ackMs.p50),
    fullAckP99: over(({ closed }) => closed.ackMs.p99),
    fullScreenP50: over(({ closed }) => closed.screenMs.p50),
    fullScreenP99: over(({ closed }) => closed.screenMs.p99),
    cpuPer1000: over(({ closed }) => (closed.cpuSeconds / closed.deliveries) * 1_000),
    pacedPerSecond: over(({ paced }) => paced.acked / paced.seconds),
    pacedAckP50: over(({ paced }) => paced.ackMs.p50),
    pacedAckP99: over(({ paced }) => paced.ackMs.p99),
    pacedScreenP50: over(({ paced }) => paced.screenMs.p50),
    pacedScreenP99: over(({ paced }) => paced.screenMs.p99),
    pacedCpuPer1000: over(({ paced }) => (paced.cpuSeconds / paced.deliveries) * 1_000),
    idleRssBytes: idle.rssBytes,
    idleHeapBytes: idle.heapBytes,
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

const whole = (value: number) => Math.round(value).toLocaleString('en');
const ms = (value: number) => `${value.toFixed(value < 10 ? 2 : 0)} ms`;
const cpu = (value: number) => `${value.toFixed(4)} s`;
const kilobytes = (value: number) => `${(value / 1024).toFixed(1)} KB`;

const rows: readonly [string, keyof Summary, (value: number) => string][] = [
  ['acknowledged messages a second, flat out', 'ackedPerSecond', whole],
  ['  send → acknowledged, p50', 'fullAckP50', ms],
  ['  send → acknowledged, p99', 'fullAckP99', ms],
  ['  send → on screen, p50', 'fullScreenP50', ms],
  ['  send → on screen, p99', 'fullScreenP99', ms],
  ['  CPU of the server per 1,000 deliveries', 'cpuPer1000', cpu],
  ['acknowledged messages a second, paced', 'pacedPerSecond', whole],
  ['  send → acknowledged, p50', 'pacedAckP50', ms],
  ['  send → acknowledged, p99', 'pacedAckP99', ms],
  ['  send → on screen, p50', 'pacedScreenP50', ms],
  ['  send → on screen, p99', 'pacedScreenP99', ms],
  ['  CPU of the server per 1,000 deliveries', 'pacedCpuPer1000', cpu],
  ['memory (RSS) of one more idle, joined connection', 'idleRssBytes', kilobytes],
  ['  of that, heap and buffers', 'idleHeapBytes', kilobytes],
];

/** One line per figure, one column per system, and what the product is of each yardstick. */
export function tableOf(summaries: Readonly<Record<SystemName, Summary>>): string {
  const names = Object.keys(summaries) as SystemName[];
  const yardsticks = names.filter((name) => name !== 'product');
  const head = ['', ...names.map((name) => titles[name]), ...yardsticks.map((name) => `× ${titles[name]}`)];
  const body = rows.map(([title, key, show]) => [
    title,
    ...names.map((name) => show(summaries[name][key])),
    ...yardsticks.map((name) => (summaries.product[key] / summaries[name][key]).toFixed(2)),
  ]);
  return aligned([head, ...body]);
}

function aligned(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const pad = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return lines.map((line) => line.map(pad).join('   ')).join('\n');
}
