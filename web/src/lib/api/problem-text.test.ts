import { expect, test } from 'vitest';
import { problemText } from './problem-text.ts';
import { ApiProblem } from './problem.ts';

test.each([
  [1, '1 second.'],
  [45, '45 seconds.'],
  [90, '2 minutes.'],
  [841, '15 minutes.'],
])('T-S9 who tried too often reads when to come back: after %i s', (retryAfterSeconds, words) => {
  const problem = new ApiProblem({ status: 429, code: 'throttled', detail: '', retryAfterSeconds });
  expect(problemText(problem)).toBe(`Too many tries. Try again in ${words}`);
});
