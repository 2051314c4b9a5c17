const mention = /(?<![\p{L}\p{N}_@/])@([a-z0-9][a-z0-9_-]*[a-z0-9])/giu;
const mostNames = 50;

/** The names after an `@`, each once; the first fifty count. A name in code is part of a program: nobody is spoken to. */
export function mentionedNames(body: string): string[] {
  if (!body.includes('@')) return [];
  const names = [...withoutSpans(withoutBlocks(body)).matchAll(mention)].map(([, name = '']) => name.toLowerCase());
  return [...new Set(names)].slice(0, mostNames);
}

/** What may stand before a fence: quotes, and the marks of lists. */
const opening = /^((?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t])))*)([ \t]*)(`{3,}(?=[^`]*$)|~{3,})/;
const item = /^ {0,3}(?:[-*+]|\d{1,9}[.)])[ \t]/;
const indented = /^(?: {4}|\t)/;

interface Fence {
  readonly mark: string;
  readonly isQuoted: boolean;
  readonly isListed: boolean;
}

/** Line by line as Markdown takes them: fenced blocks, and blocks that are indented after an empty line. */
function withoutBlocks(body: string): string {
  const kept: string[] = [];
  let fence: Fence | null = null;
  let isList = false;
  let before: 'empty' | 'code' | 'text' = 'empty';
  for (const line of body.split('\n')) {
    if (fence && isLeft(fence, line)) fence = null;
    else if (fence) {
      if (isClosed(fence, line)) fence = null;
      before = 'empty';
      continue;
    }
    if (line.trim() === '') {
      if (before === 'text') before = 'empty';
      kept.push(line);
      continue;
    }
    isList = item.test(line) || (isList && /^\s/.test(line));
    if (before !== 'text' && !isList && indented.test(line)) {
      before = 'code';
      continue;
    }
    fence = fenceOf(line);
    if (fence) continue;
    before = 'text';
    kept.push(line);
  }
  return kept.join('\n');
}

function fenceOf(line: string): Fence | null {
  const [, prefix = '', indent = '', mark] = opening.exec(line) ?? [];
  if (mark === undefined || (prefix === '' && indented.test(indent))) return null;
  return { mark, isQuoted: prefix.includes('>'), isListed: /[^\s>]/.test(prefix) };
}

/** A quote or an item of a list ends, and with it what was begun in it. */
function isLeft({ isQuoted, isListed }: Fence, line: string): boolean {
  if (isQuoted) return !/^ {0,3}>/.test(line);
  return isListed && /^\S/.test(line);
}

function isClosed({ mark }: Fence, line: string): boolean {
  const end = line.replace(/^[\s>]*/, '').trimEnd();
  return end.length >= mark.length && end === (mark[0] ?? '').repeat(end.length);
}

/** A span ends with its paragraph or item at the latest. */
const between = /\n(?=[^\S\n]*\n| {0,3}(?:[-*+]|\d{1,9}[.)])[ \t])/;

function withoutSpans(text: string): string {
  return text.split(between).map(withoutSpansOf).join('\n');
}

/** As many backticks as opened it close it; a backslash before the first takes its meaning away. */
function withoutSpansOf(text: string): string {
  const runs = [...text.matchAll(/`+/g)];
  const closing = new Map<number, number>();
  const ends = runs.map(() => -1);
  for (let at = runs.length - 1; at >= 0; at--) {
    const length = runs[at]?.[0].length ?? 0;
    ends[at] = closing.get(length) ?? -1;
    closing.set(length, at);
  }
  let kept = '';
  let from = 0;
  for (let at = 0; at < runs.length; at++) {
    const [run, end] = [runs[at], runs[ends[at] ?? -1]];
    if (!run || !end || isEscaped(text, run.index)) continue;
    kept += `${text.slice(from, run.index)} `;
    from = end.index + end[0].length;
    at = ends[at] ?? at;
  }
  return kept + text.slice(from);
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text[at - slashes - 1] === '\\') slashes++;
  return slashes % 2 === 1;
}
