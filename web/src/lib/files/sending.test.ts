import { expect, it } from 'vitest';
import { ApiProblem, type ProblemCode } from '#lib/api/problem.ts';
import { isForgotten, isPassing } from './sending.ts';

const problem = (status: number, code: ProblemCode) => new ApiProblem({ status, code, detail: '' });

it('UX 24 no answer, a busy server and bytes that are elsewhere pass by themselves', () => {
  for (const status of [0, 401, 408, 423, 429, 500, 502, 503, 504])
    expect(isPassing(problem(status, 'unavailable'), true)).toBe(true);
  expect(isPassing(problem(409, 'conflict'), true)).toBe(true);
});

it('UX 26 a no to the file or to the command stays a no', () => {
  for (const status of [403, 413, 415, 422]) expect(isPassing(problem(status, 'invalid'), true)).toBe(false);
  expect(isPassing(problem(409, 'conflict'), false)).toBe(false);
});

it('UX 24 what was left alone for too long begins anew', () => {
  expect([404, 410, 503].map((status) => isForgotten(problem(status, 'missing')))).toEqual([true, true, false]);
});
