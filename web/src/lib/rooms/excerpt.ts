const longest = 140;

/** What stands between backticks is meant letter by letter, so it is set aside while the rest is read. */
const codeSpan = /(?<!`)(`+)(?!`)(.*?[^`])\1(?!`)/g;
const fenceLine = /^ {0,3}(?:```+[^`\n]*|~~~+[^\n]*)$/gm;
/** Headings, quotes and the stars and pluses of lists mark the beginning of a line, and nothing anywhere else. */
const lineMark = /^ {0,3}(?:(?:> ?)+ {0,3})?(?:#{1,6}[ \t]+|[*+-][ \t]+)?/gm;
const link = /!?\[([^\]]*)\]\([^)\s]*(?:\s+"[^"]*")?\)/g;
/** Emphasis hugs its words; an underscore inside a word is a part of it. */
const emphases = [
  /(\*{1,3})(?=\S)([^*\n]*[^\s*])\1/g,
  /(?<![\p{L}\p{N}_])(_{1,3})(?=\S)([^_\n]*[^\s_])\1(?![\p{L}\p{N}_])/gu,
  /(~~)(?=\S)([^~\n]*[^\s~])\1/g,
];

/** The beginning of a message as plain words, for a quote or a list. */
export function excerpt(body: string): string {
  const words = plainWords(body).replaceAll(/\s+/g, ' ').trim();
  const plain = words === '' ? body.trim() : words;
  return plain.length > longest ? `${plain.slice(0, longest).trimEnd()}…` : plain;
}

function plainWords(body: string): string {
  const blocks = body.split(fenceLine);
  // Between the first fence and the second there is code, which has no marks of its own.
  return blocks.map((block, at) => (at % 2 === 1 ? block : plainProse(block))).join('\n');
}

function plainProse(prose: string): string {
  const codes: string[] = [];
  const setAside = prose.replaceAll(
    codeSpan,
    (_, _ticks: string, code: string) => `\u0000${codes.push(code) - 1}\u0000`,
  );
  const unmarked = setAside.replaceAll(lineMark, '').replaceAll(link, '$1');
  // Twice: one emphasis may stand inside another.
  const twice = [...emphases, ...emphases];
  const plain = twice.reduce((text, emphasis) => text.replaceAll(emphasis, '$2'), unmarked);
  return plain.replaceAll(/\u0000(\d+)\u0000/g, (_, at: string) => codes[Number(at)] ?? '');
}
