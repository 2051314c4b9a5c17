import { lookUpPasswordReset } from '@safesend/shared/accounts/calls.ts';
import { ApiProblem } from '#lib/api/problem.ts';
import { send } from '#lib/api/send.ts';
import type { PageLoad } from './$types';

const isSpent = ['missing', 'conflict', 'invalid', 'malformed'];

/** Said before anybody thinks of a password. Where nobody can say it now, using the link will. */
export const load: PageLoad = async ({ url, fetch }) => {
  const token = url.searchParams.get('token') ?? '';
  if (token === '') return { token, works: false };
  try {
    await send(lookUpPasswordReset, { body: { token }, fetch });
    return { token, works: true };
  } catch (problem) {
    return { token, works: !(problem instanceof ApiProblem && isSpent.includes(problem.code)) };
  }
};
