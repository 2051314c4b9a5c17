/** What a ratio to a yardstick has to be. */
export type Goal = { readonly atLeast: number } | { readonly atMost: number };

export type Unit = 'per second' | 'milliseconds' | 'seconds' | 'CPU seconds' | 'kilobytes' | 'share';

/** One line of the table: what was measured at the product, and the same at something simpler in the same run. */
export interface Figure {
  /** A short name that stays the same between versions. */
  readonly id: string;
  readonly what: string;
  readonly unit: Unit;
  readonly product: number;
  /** Null: the figure stands alone, and its goal is a limit in its own unit. */
  readonly yardstick: { readonly name: string; readonly value: number } | null;
  readonly goal: Goal | null;
  readonly note?: string;
}

const show: Readonly<Record<Unit, (value: number) => string>> = {
  'per second': (value) => `${Math.round(value).toLocaleString('en')}/s`,
  milliseconds: (value) => `${value.toFixed(value < 10 ? 2 : 0)} ms`,
  seconds: (value) => `${value.toFixed(2)} s`,
  'CPU seconds': (value) => `${value.toFixed(4)} s`,
  kilobytes: (value) => `${value.toFixed(1)} KB`,
  share: (value) => `${(value * 100).toFixed(1)} %`,
};

export function ratioOf({ product, yardstick }: Figure): number | null {
  return yardstick ? product / yardstick.value : null;
}

export function isReached(figure: Figure): boolean | null {
  if (!figure.goal) return null;
  const value = ratioOf(figure) ?? figure.product;
  return 'atLeast' in figure.goal ? value >= figure.goal.atLeast : value <= figure.goal.atMost;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

const columns = ['figure', 'SafeSend', 'yardstick', '', '×', 'goal', 'reached'];

function cellsOf(figure: Figure): string[] {
  const { what, unit, product, yardstick, goal, note } = figure;
  const shown = show[unit];
  const limit = (value: number) => (yardstick ? `${value} ×` : shown(value));
  const reached = isReached(figure);
  return [
    note === undefined ? what : `${what} (${note})`,
    shown(product),
    yardstick?.name ?? '–',
    yardstick ? shown(yardstick.value) : '–',
    ratioOf(figure)?.toFixed(2) ?? '–',
    goal ? ('atLeast' in goal ? `≥ ${limit(goal.atLeast)}` : `≤ ${limit(goal.atMost)}`) : '–',
    reached === null ? '–' : reached ? 'yes' : 'no',
  ];
}

export function textTable(figures: readonly Figure[]): string {
  const lines = [columns, ...figures.map(cellsOf)];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  const isLeft = (at: number) => at === 0 || at === 2;
  const pad = (cell: string, at: number) =>
    isLeft(at) ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0);
  return lines.map((line) => line.map(pad).join('   ').trimEnd()).join('\n');
}

export function markdownTable(figures: readonly Figure[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(columns), line(columns.map((_, at) => (at === 0 || at === 2 ? '---' : '--:')))]
    .concat(figures.map((figure) => line(cellsOf(figure))))
    .join('\n');
}
