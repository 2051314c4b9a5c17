import type { z } from 'zod';
import { m } from '#lib/paraglide/messages.js';

type Issue = z.core.$ZodIssue;

/** What a schema objects to, said to a person. Rules that carry their own words keep them. */
export function issueText(issue: Issue, value: unknown): string {
  // Of an empty field there is one thing to say, whatever its rules are.
  if (value === '' && issue.code !== 'custom') return m.field_required();
  switch (issue.code) {
    case 'invalid_type':
      return m.field_required();
    case 'too_small':
      return tooSmall(issue);
    case 'too_big':
      return issue.origin === 'string'
        ? m.field_too_long({ max: Number(issue.maximum) })
        : m.field_too_big({ max: String(issue.maximum) });
    case 'invalid_format':
      return issue.format === 'email' ? m.field_email() : isOwnWords(issue) ? issue.message : m.field_format();
    case 'invalid_value':
      return m.field_choose();
    case 'custom':
      return issue.message;
    default:
      return m.field_format();
  }
}

function tooSmall(issue: Extract<Issue, { code: 'too_small' }>): string {
  const least = Number(issue.minimum);
  if (issue.origin === 'array') return m.field_choose();
  if (issue.origin !== 'string') return m.field_too_small({ min: String(issue.minimum) });
  return least <= 1 ? m.field_required() : m.field_too_short({ min: least });
}

function isOwnWords(issue: Issue): boolean {
  return !issue.message.startsWith('Invalid');
}
