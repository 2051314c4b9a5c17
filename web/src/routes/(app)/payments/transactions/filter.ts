import { transactionKind, type Transaction } from '@safesend/shared/escrow/wallet.ts';
import { id } from '@safesend/shared/ids.ts';
import { currency, maxAmountMinor, parseAmount, type Currency } from '@safesend/shared/money.ts';

/** Which movements are asked for: it stands in the address and survives reload, back and sharing. */
export interface Filter {
  readonly from: string;
  readonly until: string;
  readonly kind: Transaction['kind'] | 'all';
  readonly currency: Currency | 'all';
  readonly project: string;
  readonly words: string;
  readonly least: string;
  readonly most: string;
}

export const pageSize = 25;
export const emptyFilter: Filter = {
  ...{ from: '', until: '', kind: 'all', currency: 'all', project: 'all', words: '', least: '', most: '' },
};

const day = (text: string | null) => (text !== null && /^\d{4}-\d{2}-\d{2}$/.test(text) ? text : '');

export function filterOf(search: URLSearchParams): Filter {
  return {
    from: day(search.get('from')),
    until: day(search.get('until')),
    kind: transactionKind.safeParse(search.get('kind')).data ?? 'all',
    currency: currency.safeParse(search.get('currency')).data ?? 'all',
    project: search.get('project') ?? 'all',
    words: (search.get('q') ?? '').slice(0, 120),
    least: (search.get('least') ?? '').slice(0, 20),
    most: (search.get('most') ?? '').slice(0, 20),
  };
}

export function addressOf(filter: Filter): string {
  const search = new URLSearchParams();
  const names = { from: 'from', until: 'until', kind: 'kind', currency: 'currency', project: 'project' } as const;
  const texts = { words: 'q', least: 'least', most: 'most' } as const;
  for (const [key, name] of Object.entries({ ...names, ...texts })) {
    const value = filter[key as keyof Filter];
    if (value !== '' && value !== 'all') search.set(name, value);
  }
  return search.size > 0 ? `/payments/transactions?${search}` : '/payments/transactions';
}

export function isEmpty(filter: Filter): boolean {
  return addressOf(filter) === addressOf(emptyFilter);
}

/** A day begins and ends where the reader lives. */
function startOf(date: string, plusDays = 0): string | undefined {
  if (date === '') return undefined;
  const start = new Date(`${date}T00:00:00`);
  start.setDate(start.getDate() + plusDays);
  return Number.isNaN(start.getTime()) ? undefined : start.toISOString();
}

/** Something stands there and is no amount: it filters nothing, and its field says so. */
export function isUnreadable(text: string, of: Currency | 'all'): boolean {
  return text !== '' && minorOf(text, of) === undefined;
}

/** The address names something that no project can be called: nothing is of it. */
export function isOfNothing({ project }: Filter): boolean {
  return project !== 'all' && !id.safeParse(project).success;
}

/** Amounts are typed in whole units, and sent in minor ones of the chosen currency; in hundredths of each where none is chosen. */
function minorOf(text: string, of: Currency | 'all'): string | undefined {
  const minor = text === '' ? null : parseAmount(text, of === 'all' ? 'EUR' : of);
  return minor === null || minor > maxAmountMinor ? undefined : String(minor);
}

export function queryOf(filter: Filter) {
  const { kind, project, words } = filter;
  const [from, until] = [startOf(filter.from), startOf(filter.until, 1)];
  const [leastMinor, mostMinor] = [minorOf(filter.least, filter.currency), minorOf(filter.most, filter.currency)];
  return {
    limit: String(pageSize),
    ...(from && { from }),
    ...(until && { until }),
    ...(kind !== 'all' && { kind }),
    ...(filter.currency !== 'all' && { currency: filter.currency }),
    ...(project !== 'all' && { projectId: project }),
    ...(words !== '' && { q: words }),
    ...(leastMinor && { leastMinor }),
    ...(mostMinor && { mostMinor }),
  };
}
