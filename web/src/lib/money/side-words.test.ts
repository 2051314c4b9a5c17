import { expect, test } from 'vitest';
import { acceptEndOf } from './side-words.ts';

test('UX 31 the client, who gets it, does not read that he gives money back when he accepts the end', () => {
  expect(acceptEndOf('client', '€20.00')).toBe('End it and get €20.00 back');
  expect(acceptEndOf('freelancer', '€20.00')).toBe('End it and give €20.00 back');
});
