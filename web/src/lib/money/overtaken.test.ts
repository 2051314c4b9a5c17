import { newId } from '@safesend/shared/ids.ts';
import type { Milestone } from '@safesend/shared/projects/milestone.ts';
import type { RoomEvent } from '@safesend/shared/rooms/event.ts';
import { expect, test } from 'vitest';
import type { Standpoint } from './next.ts';
import { decidedBy, isDeedOf, stands } from './overtaken.ts';

const client: Standpoint = { side: 'client', myId: 'ana', isDraft: false };
const freelancer: Standpoint = { side: 'freelancer', myId: 'bo', isDraft: false };
const id = newId();

function milestone(change: Partial<Milestone>): Milestone {
  const quote = { freelancerGetsMinor: 90_000, clientPaysMinor: 103_000, serviceFeeMinor: 3_000 };
  const plain = { status: 'planned', hold: null, waiting: null, proposal: null, cancellation: null, clocks: [], quote };
  return { ...plain, id, currency: 'EUR', amountMinor: 100_000, ...change } as unknown as Milestone;
}
const proposal = (hash: string) => ({ hash, proposedBy: 'bo', acceptedBy: null }) as unknown as Milestone['proposal'];
const waiting = (reason: string) => ({ reason, paymentId: 'p', on: 'client', since: '' }) as Milestone['waiting'];
const held = (heldMinor: number) =>
  ({ heldMinor, fundedMinor: 1_000, frozenMinor: 0, owedMinor: 0, recoveredMinor: 0 }) as Milestone['hold'];
let seq = 10;
const fact = (type: string, data: unknown) => ({ seq: ++seq, type, data, actorId: 'cy', at: '' }) as RoomEvent;

test('X6 UX 46 a panel gives way to the first fact that left nothing to do in it, whatever followed', () => {
  const seen = milestone({ status: 'submitted' });
  const approved = fact('milestone.approved', { milestone: milestone({ status: 'approved' }), movement: null });
  const since = [
    fact('milestone.approved', { milestone: { ...milestone({ status: 'approved' }), id: newId() }, movement: null }),
    fact('milestone.submitted', milestone({ status: 'submitted' })),
    approved,
    fact('milestone.released', { milestone: milestone({ status: 'released' }), movement: null }),
  ];
  const found = decidedBy({ step: 'approve', milestone: seen }, since, client);
  expect(found?.event).toBe(approved);
  expect(found?.before.status, 'what it changed').toBe('submitted');
});

test('X6 of a refusal that leaves the step there it is the fact the server named', () => {
  const seen = milestone({ status: 'started', hold: { heldMinor: 10 } as Milestone['hold'] });
  const releasing = fact('milestone.releasing', { milestone: seen, movement: null });
  expect(decidedBy({ step: 'release', milestone: seen }, [releasing], client)).toBeNull();
  expect(decidedBy({ step: 'release', milestone: seen }, [releasing], client, releasing.seq)?.event).toBe(releasing);
});

test.each([
  ['fund', {}, { status: 'funding' }, client],
  ['fund', {}, { amountMinor: 120_000 }, client],
  ['finish', { status: 'funding', waiting: waiting('challenge') }, { status: 'funding', waiting: null }, client],
  [
    'finish',
    { status: 'funding', waiting: waiting('challenge') },
    { status: 'funding', waiting: waiting('declined') },
    client,
  ],
  ['proposal', { status: 'started', proposal: proposal('a') }, { status: 'started', proposal: proposal('b') }, client],
  ['proposal', { status: 'started', proposal: proposal('a') }, { status: 'started', proposal: null }, freelancer],
  ['release', { status: 'started', hold: held(1_000) }, { status: 'started', hold: held(600) }, client],
  ['refund', { status: 'started', hold: held(1_000) }, { status: 'started', hold: held(600) }, freelancer],
  ['start', { status: 'funded' }, { status: 'started' }, freelancer],
  [
    'submit',
    { status: 'started' },
    { status: 'submitted', submission: { id: 'a' } as Milestone['submission'] },
    freelancer,
  ],
] as const)('X6 UX 46 %s: it stands while nothing happened, and no longer', (step, before, after, at) => {
  const opened = { step, milestone: milestone(before) };
  expect(stands(opened, milestone(before), at)).toBe(true);
  expect(stands(opened, milestone(after), at)).toBe(false);
});

test.each([
  ['fund', 'milestone.funding', true],
  ['finish', 'milestone.approved', false],
  ['finish', 'payment.failed', false],
  ['approve', 'milestone.approved', true],
  ['approve', 'milestone.releasing', false],
  ['release', 'milestone.releasing', true],
  ['proposal', 'milestone.change.declined', true],
  ['ending', 'milestone.cancellation.declined', true],
  ['again', 'milestone.waiting', true],
] as const)('UX 46 X6 a panel to %s and %s: was it done elsewhere what the panel was for? %s', (step, type, is) => {
  expect(isDeedOf(step, type)).toBe(is);
});
