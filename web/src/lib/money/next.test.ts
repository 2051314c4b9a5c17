import type { Milestone } from '@safesend/shared/projects/milestone.ts';
import { expect, test } from 'vitest';
import { nextOf, type Standpoint } from './next.ts';
import { otherSteps } from './other-steps.ts';

const client: Standpoint = { side: 'client', myId: 'ana', isDraft: false };
const freelancer: Standpoint = { side: 'freelancer', myId: 'bo', isDraft: false };
const watcher: Standpoint = { side: 'watcher', myId: 'cy', isDraft: false };
const answerBy = '2026-12-03T12:00:00.000Z';

function milestone(change: Partial<Milestone>): Milestone {
  const quote = { freelancerGetsMinor: 90_000, clientPaysMinor: 103_000 };
  const plain = { status: 'funded', hold: null, waiting: null, proposal: null, cancellation: null, clocks: [], quote };
  return { ...plain, currency: 'EUR', amountMinor: 100_000, ...change } as unknown as Milestone;
}
const endAskedBy = (requestedBy: string) =>
  ({ requestedBy, reason: '', refundMinor: 100_000, answerBy }) as unknown as Milestone['cancellation'];
const changeBy = (proposedBy: string) =>
  ({ proposedBy, acceptedBy: null, answerBy }) as unknown as Milestone['proposal'];

test.each(['funded', 'started', 'submitted', 'changes_requested'] as const)(
  'UX 31 I13 %s, while one side asks to end it: the other answers next, who asked waits, in words and button alike',
  (status) => {
    for (const [asker, asked] of [
      [client, freelancer],
      [freelancer, client],
    ] as const) {
      const ending = milestone({ status, cancellation: endAskedBy(asker.myId) });
      expect(nextOf(ending, asked)).toEqual({
        words: 'Next: answer the request to end it by Dec 3, 2026. If you agree, €1,000.00 goes back to the client.',
        offer: { step: 'ending', label: 'Answer' },
      });
      expect(nextOf(ending, asker)).toEqual({
        words: 'You asked to end it. The other side answers by Dec 3, 2026; without an answer it goes on.',
        offer: null,
      });
    }
    const words = nextOf(milestone({ status, cancellation: endAskedBy('ana') }), watcher).words;
    expect(words).toBe('One side asked to end it. The other answers by Dec 3, 2026.');
  },
);

test('UX 31 the work that a question stands before can still be done, behind the details', () => {
  const ending = milestone({ status: 'started', cancellation: endAskedBy('bo') });
  const steps = (at: Standpoint, it = ending) => otherSteps(it, at).map(({ step }) => step);
  expect(steps(freelancer)).toEqual(['submit', 'ending']);
  expect(steps(freelancer, milestone({ status: 'started' })), 'no step twice').toEqual([]);
});

test('UX 31 a proposed change is answered next; who proposed it goes on working', () => {
  const proposed = milestone({ proposal: changeBy('ana') });
  expect(nextOf(proposed, freelancer).words).toBe('Next: look at the proposed change and answer by Dec 3, 2026.');
  expect(nextOf(proposed, freelancer).offer?.step).toBe('proposal');
  expect(nextOf(milestone({ proposal: changeBy('bo') }), freelancer).offer?.step).toBe('start');
});

test('UX 31 money that waits for me goes before my own question; a frozen milestone asks nothing', () => {
  const since = answerBy;
  const waiting = { reason: 'refund_returned', on: 'client', paymentId: null, since } as const;
  const asked = milestone({ waiting, cancellation: endAskedBy('ana') });
  expect(nextOf(asked, client).offer?.step).toBe('again');
  expect(nextOf(milestone({ status: 'disputed', cancellation: endAskedBy('ana') }), freelancer).offer).toBeNull();
});
