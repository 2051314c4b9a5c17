import { currency } from '@safesend/shared/money.ts';
import { sha256 } from '@safesend/shared/files/file.ts';
import { id } from '@safesend/shared/ids.ts';
import { line, moment } from '@safesend/shared/values.ts';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { invalidFrom } from './problem.ts';

test.each<[z.ZodType, unknown, string]>([
  [id, 'me', 'Use an id as it was given here, for example 0198c5de-7a3f-7cc0-b1a5-3d2f9a64e8b1.'],
  [sha256, 'ABC', 'Use a SHA-256 as 64 small hexadecimal digits.'],
  [currency, 'XXX', 'Use the code of a currency that is offered here, for example EUR.'],
  [currency, undefined, 'Use the code of a currency that is offered here, for example EUR.'],
  [moment, 'today', 'Use a date and time in UTC with milliseconds, for example 2030-01-31T12:00:00.000Z.'],
  [z.email(), 'me', 'Use an e-mail address, for example ana@example.com.'],
  [z.string().regex(/^[A-Z]$/), 'a', 'Use the form that the documentation gives for it.'],
  [z.int().min(1).max(99_999_999), 1e300, 'This number is too large.'],
  [z.int(), -1e300, 'This number is too small.'],
  [z.int().min(1).max(99_999_999), 1e12, 'Use at most 99,999,999.'],
  [z.int().min(1), 0, 'Use at least 1.'],
  [z.int(), 1.5, 'Use a whole number.'],
  [z.int(), '1', 'Use a number.'],
  [z.string(), undefined, 'This is needed.'],
  [z.string(), 3, 'Use a text.'],
  [z.boolean(), 'yes', 'Use true or false.'],
  [z.strictObject({}), [], 'Use an object with named fields.'],
  [z.strictObject({}), { a: 1, b: 2 }, 'Leave out what is not known here: a, b.'],
  [line(1, 3), ' ', 'Write something.'],
  [line(1, 3), 'four', 'Use at most 3 characters.'],
  [z.array(id).min(1), [], 'Name at least one.'],
  [z.array(z.string()).max(1), ['a', 'b'], 'Use at most 1 entry.'],
  [z.enum(['csv', 'pdf']), 'doc', 'Use one of these: csv, pdf.'],
  [z.literal(true), false, 'Use true.'],
  [z.union([z.string(), z.boolean()]), 3, 'Use what the documentation gives for it.'],
  [z.string().refine(() => false, 'Own words stay.'), 'x', 'Own words stay.'],
])(
  'T-B32 a refusal is words for whoever made it, and no pattern or list of everything: %# %j',
  (schema, input, words) => {
    const { issues } = schema.safeParse(input).error ?? { issues: [] };
    const { code, message, details } = invalidFrom(issues);
    expect({ code, message }).toEqual({ code: 'invalid', message: words });
    expect(details.errors?.[0]).toEqual({ path: '', message: words });
  },
);
