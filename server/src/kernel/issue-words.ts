import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/** What a schema objects to, in words for a person. Rules that carry their own words keep them. */
export function issueWords(issue: Issue): string {
  if (!/^(?:Invalid|Too big:|Too small:|Unrecognized)/.test(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.endsWith('received undefined') ? 'This is needed.' : (types[issue.expected] ?? otherwise);
    case 'too_small':
      return tooSmall(issue);
    case 'too_big':
      return tooBig(issue);
    case 'invalid_format':
      return formats[issue.format] ?? 'Use the form that the documentation gives for it.';
    case 'invalid_value':
      return oneOf(issue.values.map(String));
    case 'unrecognized_keys':
      return `Leave out what is not known here: ${issue.keys.slice(0, few).join(', ')}.`;
    default:
      return otherwise;
  }
}

const otherwise = 'Use what the documentation gives for it.';
/** More than anybody reads in a refusal. */
const few = 12;

const types: Readonly<Record<string, string>> = {
  string: 'Use a text.',
  number: 'Use a number.',
  int: 'Use a whole number.',
  boolean: 'Use true or false.',
  array: 'Use a list.',
  object: 'Use an object with named fields.',
  record: 'Use an object with named fields.',
};

const formats: Readonly<Record<string, string>> = {
  guid: 'Use an id as it was given here, for example 0198c5de-7a3f-7cc0-b1a5-3d2f9a64e8b1.',
  email: 'Use an e-mail address, for example ana@example.com.',
  datetime: 'Use a date and time in UTC with milliseconds, for example 2030-01-31T12:00:00.000Z.',
  emoji: 'Use an emoji.',
};

const things: Readonly<Record<string, readonly [one: string, more: string]>> = {
  string: ['character', 'characters'],
  array: ['entry', 'entries'],
};

function tooSmall({ origin, minimum, inclusive, exact }: Extract<Issue, { code: 'too_small' }>): string {
  const least = Number(minimum);
  if (exact) return `Use exactly ${count(least, origin)}.`;
  if (least <= Number.MIN_SAFE_INTEGER) return 'This number is too small.';
  if (origin === 'string' && least <= 1) return 'Write something.';
  if (origin === 'array' && least <= 1) return 'Name at least one.';
  return `Use ${inclusive ? 'at least' : 'more than'} ${count(least, origin)}.`;
}

function tooBig({ origin, maximum, inclusive, exact }: Extract<Issue, { code: 'too_big' }>): string {
  const most = Number(maximum);
  if (exact) return `Use exactly ${count(most, origin)}.`;
  if (most >= Number.MAX_SAFE_INTEGER) return 'This number is too large.';
  return `Use ${inclusive ? 'at most' : 'less than'} ${count(most, origin)}.`;
}

function count(number: number, origin: string): string {
  const [one, more] = things[origin] ?? [];
  return [number.toLocaleString('en'), number === 1 ? one : more].filter(Boolean).join(' ');
}

function oneOf(values: readonly string[]): string {
  if (values.length > few) return 'Use one of the values that the documentation lists.';
  return values.length === 1 ? `Use ${values[0]}.` : `Use one of these: ${values.join(', ')}.`;
}
