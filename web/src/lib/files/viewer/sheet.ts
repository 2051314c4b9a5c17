/** More than this nobody reads here, and a browser would draw for minutes; the rest is in the download. */
export const mostRows = 5_000;
export const mostColumns = 100;
const longestCell = 500;
/** So many rows tell what separates the cells. */
const telling = 5;

export interface Sheet {
  /** Every row has as many cells as the widest; a long one ends in "…". */
  readonly rows: readonly (readonly string[])[];
  /** There is more of it, in rows or columns, than is read here. */
  readonly isCut: boolean;
}

const separators = [',', ';', '\t', '|'] as const;

/**
 * The cells of comma-separated values (RFC 4180), or of what other programs write under that name: their separator is what
 * the first rows agree on. It goes once over the text, whatever stands in it; a quote that never ends holds all the
 * rest. Of a text that is only the beginning of a file, the last row is left out: it may be half of one.
 */
export function readSheet(text: string, isWhole: boolean): Sheet {
  const separator = separatorOf(text);
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  let isWider = false;
  while (at < text.length && rows.length < mostRows) {
    const { cell, end } = readCell(text, at, separator);
    if (row.length < mostColumns) row.push(cell);
    else isWider = true;
    const next = text[end];
    if (next === separator) {
      at = end + 1;
      if (at < text.length) continue;
      if (row.length < mostColumns) row.push('');
    }
    rows.push(row);
    row = [];
    at = end + (text.startsWith('\r\n', end) ? 2 : 1);
  }
  const isMore = at < text.length;
  if (!isWhole && !isMore && rows.length > 1) rows.pop();
  const width = rows.reduce((most, { length }) => Math.max(most, length), 0);
  return {
    rows: rows.map((cells) =>
      cells.length < width ? [...cells, ...Array<string>(width - cells.length).fill('')] : cells,
    ),
    isCut: isMore || isWider || !isWhole,
  };
}

/** From here to the separator or the end of the line, which is where `end` is. */
function readCell(text: string, from: number, separator: string): { cell: string; end: number } {
  if (text[from] !== '"') {
    const end = endOf(text, from, separator);
    return { cell: shortened(text.slice(from, Math.min(end, from + longestCell + 1))), end };
  }
  let cell = '';
  let at = from + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    const until = quote < 0 ? text.length : quote;
    if (cell.length <= longestCell) cell += text.slice(at, Math.min(until, at + longestCell + 1));
    at = until + 1;
    if (text[at] !== '"' || quote < 0) break;
    if (cell.length <= longestCell) cell += '"';
    at++;
  }
  const end = endOf(text, Math.min(at, text.length), separator);
  return { cell: shortened(cell + text.slice(at, Math.min(end, at + longestCell + 1))), end };
}

function endOf(text: string, from: number, separator: string): number {
  let at = from;
  while (at < text.length && text[at] !== separator && text[at] !== '\n' && text[at] !== '\r') at++;
  return at;
}

function shortened(cell: string): string {
  return cell.length > longestCell ? `${cell.slice(0, longestCell)}…` : cell;
}

/** Counted outside quotes, in the first rows: what stands in each of them, and then what stands there most. */
function separatorOf(text: string): string {
  const rows: Map<string, number>[] = [new Map()];
  let isQuoted = false;
  for (let at = 0; at < text.length && rows.length <= telling; at++) {
    const letter = text[at] ?? '';
    if (letter === '"') isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (letter === '\n') rows.push(new Map());
    else rows.at(-1)?.set(letter, (rows.at(-1)?.get(letter) ?? 0) + 1);
  }
  const filled = rows.filter((row) => row.size > 0);
  const inAll = (it: string) => Math.min(...filled.map((row) => row.get(it) ?? 0));
  const total = (it: string) => filled.reduce((sum, row) => sum + (row.get(it) ?? 0), 0);
  return separators.reduce<string>(
    (best, it) => (inAll(it) > inAll(best) || (inAll(it) === inAll(best) && total(it) > total(best)) ? it : best),
    separators[0],
  );
}
