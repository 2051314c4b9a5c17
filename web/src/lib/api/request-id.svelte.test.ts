import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, expect, test } from 'vitest';
import Failed from '#lib/files/viewer/Failed.svelte';
import { awake } from '#lib/ui/awake.svelte.ts';
import LoadMore from '#lib/ui/LoadMore.svelte';
import { ApiProblem } from './problem.ts';

awake.current = true;
afterEach(cleanup);

const failure = new ApiProblem({ status: 500, code: 'unexpected', detail: '', requestId: 'r-7' });
const refusal = new ApiProblem({ status: 422, code: 'invalid', detail: 'That page is not there.', requestId: 'r-8' });

test.each([
  [failure, true],
  [refusal, false],
])(
  'UX 46 what failed at the server names its request, a refusal in words needs none: $code',
  async (problem, isNamed) => {
    render(Failed, { problem, onretry: () => undefined });
    render(LoadMore, { cursor: 'next', onmore: () => Promise.reject(problem) });
    await fireEvent.click(screen.getByRole('button', { name: 'Load more' }));
    await waitFor(() => expect(screen.getAllByRole('alert')).toHaveLength(2));
    for (const alert of screen.getAllByRole('alert')) {
      expect(alert.textContent).toContain(isNamed ? 'The server failed to do this.' : 'That page is not there.');
      expect(alert.textContent.includes('Request id')).toBe(isNamed);
    }
  },
);
