/** Something to choose from a list one can search. */
export interface Option {
  value: string;
  label: string;
  /** Stands at the end of its line, quieter. */
  detail?: string | undefined;
  /** What else it is found by. */
  words?: string | undefined;
}

/** Those that have a word beginning with each word asked for; first who is called so, and whole words before their beginnings. */
export function searchOptions(options: readonly Option[], text: string): readonly Option[] {
  const asked = wordsOf(text);
  if (asked.length === 0) return options;
  const found = options.flatMap((option) => {
    const shown = wordsOf(`${option.label} ${option.detail ?? ''}`);
    const words = [...shown, ...wordsOf(option.words ?? '')];
    const fits = asked.every((part) => words.some((word) => word.startsWith(part)));
    const whole = asked.filter((part) => words.includes(part)).length;
    return fits ? [{ option, rank: whole + asked.filter((part) => shown.includes(part)).length }] : [];
  });
  return found.sort((one, other) => other.rank - one.rank).map(({ option }) => option);
}

const marks = /\p{Mark}/gu;
const between = /[\s/_,.()·'’]+/u;

function wordsOf(text: string): string[] {
  const plain = text.normalize('NFKD').replaceAll(marks, '').toLowerCase();
  return plain.split(between).filter((word) => word !== '');
}
