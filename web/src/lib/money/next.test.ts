import type { Milestone } from '@safesend/shared/projects/milestone.ts';
import { expect, test } from 'vitest';
import { besides, nextOf, nextUnder, type Standpoint } from './next.ts';
import { otherSteps } from './other-steps.ts';
import { offerOf } from './overtaken.ts';
import { isForemost } from './steps.ts';
import { stagesOf } from './stages.ts';
import { stateOf } from './way.ts';

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
const nothing = {
  ...{ fundedMinor: 100_000, heldMinor: 0, frozenMinor: 0, releasingMinor: 0, refundingMinor: 0, releasedMinor: 0 },
  ...{ refundedMinor: 0, chargedBackMinor: 0, platformFeeMinor: 0, paidMinor: 0, owedMinor: 0, recoveredMinor: 0 },
  ...{ atRiskMinor: 0 },
  ...{ currency: 'EUR', creditMinor: 0, fundedAt: answerBy, settledAt: answerBy, availableAt: null },
};
const held = (change: Partial<typeof nothing>) => ({ ...nothing, ...change }) as unknown as Milestone['hold'];
const paid = { releasedMinor: 100_000, platformFeeMinor: 10_000, paidMinor: 90_000 };
const evidence = [{ kind: 'evidence', dueAt: answerBy, pausedAt: null, remainingSeconds: null }] as const;
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
      const whom = asked === client ? 'you' : 'the client';
      expect(nextOf(ending, asked)).toEqual({
        words: `Next: answer the request to end it by Dec 3, 2026. If you agree, €1,000.00 goes back to ${whom}.`,
        offer: { step: 'ending', label: 'Answer' },
      });
      const mayAnswer = status === 'submitted' && asker === client;
      expect(nextOf(ending, asker)).toEqual({
        words: 'You asked to end it. The other side answers by Dec 3, 2026; without an answer it goes on.',
        offer: mayAnswer ? { step: 'approve', label: 'Approve' } : null,
      });
    }
    const words = nextOf(milestone({ status, cancellation: endAskedBy('ana') }), watcher).words;
    expect(words).toBe('One side asked to end it. The other answers by Dec 3, 2026.');
  },
);

test('UX 31 I13 I05 a request to end what was handed in stops no review: the client reads what is released when, and can still answer it', () => {
  const dueAt = '2026-12-20T12:00:00.000Z';
  const clocks = [{ kind: 'review', dueAt, pausedAt: null, remainingSeconds: null }] as const;
  const hold = held({ fundedMinor: 8_000, heldMinor: 8_000 });
  const asked = milestone({ status: 'submitted', clocks: [...clocks], hold, cancellation: endAskedBy('ana') });
  const ending = { ...asked, cancellation: { ...asked.cancellation!, refundMinor: 8_000 } };
  const goesOn = 'The review goes on meanwhile: unless you request changes, €80.00 is released on Dec 20, 2026.';
  const mine = nextOf(ending, client);
  expect(mine.words).toBe(
    `You asked to end it. The other side answers by Dec 3, 2026; without an answer it goes on. ${goesOn}`,
  );
  expect(mine.offer?.step).toBe('approve');
  const theirs = nextOf({ ...ending, cancellation: { ...ending.cancellation, requestedBy: 'bo' } }, client);
  expect(theirs.words, 'also whoever is asked').toContain(goesOn);
  const steps = otherSteps(ending, client).map(({ step }) => step);
  expect(steps).toContain('changes');
  expect(steps, 'no step twice').not.toContain('approve');
  const under = (isNewest: boolean) =>
    nextUnder({ type: 'milestone.cancellation.requested', isNewest }, ending, client);
  expect([under(true)?.offer?.step, under(false)?.offer?.step]).toEqual(['approve', undefined]);
  expect(nextOf({ ...ending, status: 'changes_requested' }, client).words).not.toContain('released');
});

test('UX 31 I13 a question of the other side about what was handed in: the client can answer it, and the review as well', () => {
  const steps = (it: Milestone, { side, ...at }: Standpoint) =>
    besides(nextOf(it, { side, ...at }).offer, it, side).map(({ step }) => step);
  const submitted = (change: Partial<Milestone>) => milestone({ status: 'submitted', ...change });
  for (const asked of [{ cancellation: endAskedBy('bo') }, { proposal: changeBy('bo') }])
    expect(steps(submitted(asked), client), 'one first, the others beside it').toEqual(['approve', 'changes']);
  expect(steps(submitted({}), client)).toEqual(['changes']);
  expect(steps(submitted({ cancellation: endAskedBy('ana') }), client)).toEqual(['changes']);
  for (const other of [freelancer, watcher])
    expect(steps(submitted({ cancellation: endAskedBy('ana') }), other)).toEqual([]);
  expect(steps(milestone({ status: 'started', cancellation: endAskedBy('bo') }), client)).toEqual([]);
});

test.each([
  ['top_up', 'fund', null],
  ['challenge', 'finish', 'p'],
  ['declined', 'finish', 'p'],
  ['refund_returned', 'again', null],
] as const)(
  'X18 I09 UX 31 what was handed in can be approved while other money waits for the client (%s): beside that step, and behind the details',
  (reason, step, paymentId) => {
    const waiting = { reason, on: 'client', paymentId, since: answerBy } as const;
    const money = { topUpMinor: 30_000, serviceFeeMinor: 1_050, clientPaysMinor: 31_050 };
    const agreed = { ...changeBy('bo'), acceptedBy: 'ana', money } as Milestone['proposal'];
    const proposal = reason === 'refund_returned' ? null : agreed;
    const dueAt = '2026-12-20T12:00:00.000Z';
    const clocks = [{ kind: 'review', dueAt, pausedAt: null, remainingSeconds: null }] as const;
    const hold = held({ heldMinor: 100_000, creditMinor: 25_000 });
    const told = milestone({ status: 'submitted', waiting, proposal, hold, clocks: [...clocks] });
    const stepsOf = (it: Milestone, at: Standpoint) => {
      const { offer } = nextOf(it, at);
      const [beside, behind] = [besides(offer, it, at.side), otherSteps(it, at)];
      return { first: offer?.step, beside: beside.map((it) => it.step), behind: behind.map((it) => it.step) };
    };
    const mine = stepsOf(told, client);
    expect(mine).toMatchObject({ first: step, beside: ['approve', 'changes'] });
    expect(mine.behind.slice(0, 2)).toEqual(['approve', 'changes']);
    expect(offerOf('approve', told, client), 'so that a link to it opens it').not.toBeNull();
    expect(new Set(mine.behind).size, 'no step twice').toBe(mine.behind.length);
    const said = 'What was handed in can be answered now, by Dec 20, 2026; without an answer it is released by itself.';
    expect(nextOf(told, client).words).toContain(said);
    expect(nextOf(told, client).words.includes('the agreed change is over')).toBe(proposal !== null);
    const asked = stepsOf({ ...told, cancellation: endAskedBy('bo') }, client);
    expect(asked).toMatchObject({ first: 'ending', beside: ['approve', 'changes'] });
    expect(asked.behind.slice(0, 2)).toEqual([step, 'approve']);
    for (const other of [freelancer, watcher]) expect(stepsOf(told, other)).not.toContain('approve');
    const started = milestone({ ...told, status: 'started', clocks: [] });
    expect(stepsOf(started, client).beside, 'nothing is handed in').toEqual([]);
    expect(nextOf(started, client).words).not.toContain('handed in');
  },
);

test('UX 31 the work that a question stands before can still be done, behind the details', () => {
  const ending = milestone({ status: 'started', cancellation: endAskedBy('bo') });
  const steps = (at: Standpoint, it = ending) => otherSteps(it, at).map(({ step }) => step);
  expect(steps(freelancer)).toEqual(['submit', 'ending', 'propose']);
  expect(steps(freelancer, milestone({ status: 'started' })), 'no step twice').not.toContain('submit');
});

test('UX 31 a proposed change is answered next; who proposed it goes on working', () => {
  const proposed = milestone({ proposal: changeBy('ana') });
  expect(nextOf(proposed, freelancer).words).toBe('Next: look at the proposed change and answer by Dec 3, 2026.');
  expect(nextOf(proposed, freelancer).offer?.step).toBe('proposal');
  expect(nextOf(milestone({ proposal: changeBy('bo') }), freelancer).offer?.step).toBe('start');
});

test('UX 31 what both sides agreed to is not called the proposal of whoever looks', () => {
  const labels = (acceptedBy: string | null, at: Standpoint) =>
    otherSteps(milestone({ proposal: { ...changeBy('bo'), acceptedBy } as Milestone['proposal'] }), at)
      .filter(({ step }) => step === 'proposal')
      .map(({ label }) => label);
  expect([labels(null, freelancer), labels(null, client)]).toEqual([['My proposal'], []]);
  for (const at of [client, freelancer]) expect(labels('ana', at)).toEqual(['The agreed change']);
});

test('UX 31 money that waits for me goes before my own question; a frozen milestone asks nothing', () => {
  const since = answerBy;
  const waiting = { reason: 'refund_returned', on: 'client', paymentId: null, since } as const;
  const asked = milestone({ waiting, cancellation: endAskedBy('ana') });
  expect(nextOf(asked, client).offer?.step).toBe('again');
  expect(nextOf(milestone({ status: 'disputed', cancellation: endAskedBy('ana') }), freelancer).offer).toBeNull();
});

test('X22 J15 a part is frozen: the other can be released or given back, and the words name both amounts', () => {
  const hold = held({ fundedMinor: 130_000, heldMinor: 100_000, frozenMinor: 30_000 });
  const part = milestone({ status: 'disputed', hold });
  const steps = (at: Standpoint, it = part) => otherSteps(it, at).map(({ step }) => step);
  expect([steps(client), steps(freelancer), steps(watcher)]).toEqual([['release'], ['refund'], []]);
  expect(stateOf(part).label).toBe('Frozen in part');
  const frozen = '€300.00 is frozen until the bank has decided about the chargeback.';
  expect(nextOf(part, client).words).toBe(
    `${frozen} €1,000.00 is free: you can release it in parts now. The work waits for the bank.`,
  );
  expect(nextOf(part, freelancer).words).toContain('€1,000.00 is free: the client can release it, and you can');
  expect(nextOf(part, watcher).words).toContain('€1,000.00 is free: it can be released or given back now.');
  const before = { ...part, hold: held({ heldMinor: 100_000, frozenMinor: 30_000, atRiskMinor: 9_000 }) };
  expect(nextOf(before, client).words, 'of what was released before').toContain(
    `${frozen} Of what was released, up to €90.00 may be taken back from the freelancer. €1,000.00 is free`,
  );
  expect(nextOf(before, freelancer).words).toContain('up to €90.00 may be taken back from you.');
  const whole = milestone({ status: 'disputed', hold: held({ frozenMinor: 100_000 }) });
  expect([steps(client, whole), steps(freelancer, whole)]).toEqual([[], []]);
  expect(stateOf(whole).label).toBe('Frozen');
  expect(nextOf(whole, client).words).toBe('€1,000.00 is frozen until the bank has decided about the chargeback.');
});

test('X22 J15 a chargeback lost before a release: the bank took the money, nobody gave it back', () => {
  const lost = milestone({ status: 'refunded', hold: held({ chargedBackMinor: 100_000 }) });
  expect(nextOf(lost, client).words, 'who paid reads of his own bank').toBe(
    'Your bank took back the €1,000.00 held for it.',
  );
  for (const at of [freelancer, watcher])
    expect(nextOf(lost, at).words).toBe('The client’s bank took back the €1,000.00 held for it.');
  expect(stateOf(lost)).toEqual({ label: 'Charged back', tone: 'danger' });
  const both = milestone({ status: 'cancelled', hold: held({ chargedBackMinor: 60_000, refundedMinor: 40_000 }) });
  expect(nextOf(both, client).words).toBe('Your bank took back the €600.00 held for it. €400.00 went back to you.');
});

test('X22 J15 J04 what was released and has not left waits for the bank, and nothing of it is taken back from anybody', () => {
  const onItsWay = { releasingMinor: 50_000, platformFeeMinor: 5_000, atRiskMinor: 45_000 };
  const open = milestone({ status: 'approved', hold: held(onItsWay), clocks: [...evidence] });
  expect(nextOf(open, client).words).toBe('Your bank has a chargeback open. €450.00 waits until the bank has decided.');
  expect(nextOf(open, freelancer).words).toBe(
    'The client’s bank has a chargeback open. €450.00 waits until the bank has decided.',
  );
  expect(stateOf(open, 'freelancer')).toEqual({ label: 'Chargeback open', tone: 'danger' });
  const some = { ...onItsWay, releasedMinor: 40_000, platformFeeMinor: 9_000, paidMinor: 36_000, atRiskMinor: 81_000 };
  expect(nextOf(milestone({ ...open, hold: held(some) }), freelancer).words, 'what he has may be taken back').toBe(
    'The client’s bank has a chargeback open. €450.00 waits until the bank has decided. Of what was released, up to €360.00 may be taken back from you.',
  );
  const frozen = milestone({ ...open, status: 'disputed', hold: held({ ...onItsWay, frozenMinor: 50_000 }) });
  expect(nextOf(frozen, client).words).toMatch(/€450[.]00 that was released waits until the bank has decided[.]$/);
  const payouts = { reason: 'payout_onboarding', on: 'freelancer', paymentId: null, since: answerBy } as const;
  expect(nextOf(milestone({ ...open, waiting: payouts }), freelancer).words, 'a part of it can still leave').toBe(
    '€450.00 is yours and waits for you to set up payouts. The client’s bank has a chargeback open. Until it decides, up to €450.00 may be taken back from you.',
  );
});

test('X22 J15 a chargeback after the release is told while it is open, to both sides', () => {
  const open = milestone({ status: 'released', hold: held({ ...paid, atRiskMinor: 90_000 }), clocks: [...evidence] });
  expect(nextOf(open, client).words).toBe(
    'Your bank has a chargeback open. Until it decides, up to €900.00 may be taken back from the freelancer.',
  );
  expect(nextOf(open, freelancer).words).toBe(
    'The client’s bank has a chargeback open. Until it decides, up to €900.00 may be taken back from you.',
  );
  const ended = { ...open, clocks: [{ ...evidence[0], dueAt: null }] };
  for (const it of [open, ended]) expect(stateOf(it)).toEqual({ label: 'Chargeback open', tone: 'danger' });
  expect(nextOf(ended, client).words, 'the bank takes no more evidence').toBe(nextOf(open, client).words);
  const back = milestone({ status: 'refunded', hold: held({ refundedMinor: 100_000 }), clocks: [...evidence] });
  expect(nextOf(back, client).words).toBe('Your bank has a chargeback open and decides about it.');
  const other = milestone({ status: 'released', hold: held(paid), clocks: [...evidence] });
  expect(nextOf(other, freelancer).words, 'of this payment nothing reached him').toBe(
    'The client’s bank has a chargeback open and decides about it.',
  );
});

test.each([{ owedMinor: 90_000 }, { recoveredMinor: 90_000 }])(
  'X22 J15 a chargeback lost after the release is no success: %o',
  (taken) => {
    const submission = { number: 1, status: 'approved' } as unknown as Milestone['submission'];
    const lost = milestone({ status: 'released', hold: held({ ...paid, ...taken }), submission });
    expect(stateOf(lost).label).toBe('Charged back');
    expect(stagesOf(lost).map(({ is }) => is)).toEqual(['done', 'done', 'done', 'lost']);
    expect(stagesOf(lost).at(-1)?.label).toBe('Charged back');
    const waiting = { reason: 'recovery', on: 'freelancer', paymentId: null, since: answerBy } as const;
    expect(stateOf({ ...lost, waiting }).label).toBe('Charged back');
    const both = { ...lost, hold: held({ ...paid, ...taken, chargedBackMinor: 27_655 }) };
    for (const it of [both, { ...both, waiting }])
      expect(nextOf(it, freelancer).words).toContain('The client’s bank took back the €276.55 held for it.');
  },
);

test.each(['funded', 'started', 'submitted', 'changes_requested'] as const)(
  'X22 J15 UX 31 %s, after a lost chargeback of what was released before: first what the work waits for, then in short what is taken back',
  (status) => {
    const terms = { platformFeeBps: 1_000, serviceFeeBps: 350 };
    const dueAt = '2026-12-20T12:00:00.000Z';
    const review = [{ kind: 'review', dueAt, pausedAt: null, remainingSeconds: null }] as const;
    const clocks = status === 'submitted' ? [...review] : [];
    const part = { heldMinor: 70_000, releasedMinor: 30_000, platformFeeMinor: 3_000, paidMinor: 27_000 };
    const waiting = { reason: 'recovery', on: 'freelancer', paymentId: null, since: answerBy } as const;
    const plain = milestone({ status, clocks, hold: held(part) });
    const cases = [
      [{ owedMinor: 27_000 }, null, 'After a lost chargeback €270.00 is being taken back from'],
      [{ owedMinor: 27_000 }, waiting, 'After a lost chargeback €270.00 is taken back'],
      [{ recoveredMinor: 27_000 }, null, 'After a lost chargeback €270.00 was taken back from'],
      [{ owedMinor: 7_000, recoveredMinor: 20_000 }, null, 'After a lost chargeback €70.00 is being taken back from'],
    ] as const;
    for (const at of [client, freelancer, watcher].map((it) => ({ ...it, terms })))
      for (const [taken, waits, debt] of cases) {
        const lost = milestone({ status, clocks, waiting: waits, hold: held({ ...part, ...taken }) });
        const told = nextOf(lost, at);
        expect(told.words.startsWith(`${nextOf(plain, at).words} ${debt}`), told.words).toBe(true);
        expect(told.words.includes('from you') || told.words.includes('your payout account')).toBe(
          at.side === 'freelancer',
        );
        expect([told.offer, stateOf(lost, at.side)]).toEqual([nextOf(plain, at).offer, stateOf(plain, at.side)]);
      }
    const open = milestone({ status, clocks: [...clocks, ...evidence], hold: held({ ...part, atRiskMinor: 27_000 }) });
    expect(nextOf(open, { ...client, terms }).words, 'while it is open as well').toMatch(
      /^€700[.]00 of €1,000[.]00 is held[.] .* has a chargeback open[.] .* up to €270[.]00 may be taken back/,
    );
    const gone = milestone({ status, clocks, hold: held({ ...part, heldMinor: 0, owedMinor: 27_000 }) });
    expect(nextOf(gone, freelancer).words, 'nothing is held to work for').toBe(
      'The bank decided for the client after the release. €270.00 is being taken back from you.',
    );
    const asked = milestone({
      status,
      waiting,
      cancellation: endAskedBy('bo'),
      hold: held({ ...part, owedMinor: 27_000 }),
    });
    expect(nextOf(asked, freelancer).words, 'a debt is no answer to his own question').toContain(
      'a part has moved since',
    );
  },
);

test('I09 what is left of a part that was released or given back is said, not that all is held', () => {
  const rest = held({ heldMinor: 35_000, releasedMinor: 40_000, platformFeeMinor: 4_000, refundedMinor: 25_000 });
  expect(nextOf(milestone({ hold: rest }), freelancer).words).toBe(
    '€350.00 of €1,000.00 is held. Next: start the work.',
  );
  expect(nextOf(milestone({ hold: rest }), client).words).toBe(
    '€350.00 of €1,000.00 is held. Next: the freelancer starts the work.',
  );
  expect(nextOf(milestone({ hold: rest, status: 'started' }), freelancer).words).toBe(
    '€350.00 of €1,000.00 is held. Next: hand in what is done. After the approval the rest is released to you, less the platform fee.',
  );
  const terms = { platformFeeBps: 1_000, serviceFeeBps: 350 };
  expect(nextOf(milestone({ hold: rest, status: 'started' }), { ...freelancer, terms }).words, 'with the sum').toBe(
    '€350.00 of €1,000.00 is held. Next: hand in what is done. After the approval you get €315.00.',
  );
  const review = [{ kind: 'review', dueAt: answerBy, pausedAt: null, remainingSeconds: null }] as Milestone['clocks'];
  expect(nextOf(milestone({ hold: rest, status: 'submitted', clocks: review }), { ...freelancer, terms }).words).toBe(
    '€350.00 of €1,000.00 is held. The client reviews it until Dec 3, 2026. Without an answer €315.00 is released by itself.',
  );
  const whole = held({ heldMinor: 100_000 });
  expect(nextOf(milestone({ hold: whole }), freelancer).words).toBe('The money is held. Next: start the work.');
});

test('J09 a refund the bank sent back waits for the client alone: the freelancer goes on', () => {
  const waiting = { reason: 'refund_returned', on: 'client', paymentId: null, since: answerBy } as const;
  const hold = held({ heldMinor: 75_000, refundedMinor: 25_000, creditMinor: 25_000 });
  const returned = milestone({ waiting, hold });
  expect(stateOf(returned, 'client').label).toBe('Waiting');
  expect(stateOf(returned, 'freelancer').label).toBe('Funded');
  expect(nextOf(returned, freelancer).words).toBe('€750.00 of €1,000.00 is held. Next: start the work.');
});

test('J09 what is given back again is on its way, not unanswered', () => {
  const waiting = { reason: 'processor', on: 'product', paymentId: null, since: answerBy } as const;
  const hold = held({ heldMinor: 75_000, refundedMinor: 25_000, creditMinor: 2_345 });
  const words = (again?: true) =>
    nextOf(milestone({ hold, waiting: { ...waiting, ...(again && { again }) } }), client).words;
  expect(words(true)).toBe('€23.45 that had not arrived is on its way back to you once more.');
  expect(words()).toContain('has not gone through at the payment processor yet');
});

test('UX 31 a question stands under the line that asks it, the work under the newest one', () => {
  const ending = milestone({ status: 'started', cancellation: endAskedBy('ana') });
  const under = (type: string, isNewest: boolean) => nextUnder({ type, isNewest }, ending, freelancer);
  expect(under('milestone.cancellation.requested', false)?.offer?.step).toBe('ending');
  expect(under('milestone.refund.returned', true)?.offer?.step).toBe('submit');
  expect(under('milestone.change.proposed', false)).toBeNull();
});

test('X18 UX 31 under a proposed change stands until when it is answered, for whoever proposed it as well', () => {
  const proposed = milestone({ status: 'started', proposal: changeBy('bo') });
  const under = (at: Standpoint, isNewest: boolean, it = proposed) =>
    nextUnder({ type: 'milestone.change.proposed', isNewest }, it, at);
  const mine =
    'You proposed a change. The other side answers by Dec 3, 2026; without an answer everything stays as agreed.';
  expect(under(client, false)?.words).toBe('Next: look at the proposed change and answer by Dec 3, 2026.');
  expect(under(freelancer, false)).toEqual({ words: mine, offer: null });
  expect(under(freelancer, true)?.words.startsWith(`${mine} Next: `), 'and goes on working').toBe(true);
  expect(under(freelancer, true)?.offer?.step).toBe('submit');
  expect(under(watcher, false)?.words).toBe('One side proposed a change. The other answers by Dec 3, 2026.');
  const agreed = { ...changeBy('bo'), acceptedBy: 'ana' } as Milestone['proposal'];
  expect(under(freelancer, false, milestone({ proposal: agreed })), 'nobody answers any more').toBeNull();
});

test('X18 J12 what waits for payouts is called approved, as the sums of the plan count it', () => {
  const waiting = { reason: 'payout_onboarding', on: 'freelancer', paymentId: null, since: answerBy } as const;
  const submission = { status: 'approved' } as Milestone['submission'];
  expect(stateOf(milestone({ status: 'approved', waiting, submission }), 'client').label).toBe('Approved, waiting');
});

test('X18 J09 what is the client’s to do stays his next step, also while the freelancer’s payouts are waited for', () => {
  const waiting = { reason: 'payout_onboarding', on: 'freelancer', paymentId: null, since: answerBy } as const;
  const agreed = { ...changeBy('bo'), acceptedBy: 'ana' } as Milestone['proposal'];
  const paying = [{ kind: 'payment', dueAt: answerBy, pausedAt: null, remainingSeconds: null }] as Milestone['clocks'];
  const credit = held({ heldMinor: 60_000, creditMinor: 25_000 });
  const stepOf = (it: Partial<Milestone>) => nextOf(milestone({ waiting, ...it }), client).offer?.step;
  expect(stepOf({ proposal: agreed })).toBe('fund');
  expect(stepOf({ proposal: agreed, clocks: paying }), 'it is under way').toBeUndefined();
  expect(stepOf({ hold: credit })).toBe('again');
  const again = { reason: 'processor', on: 'product', paymentId: null, since: answerBy, again: true } as const;
  expect(stepOf({ hold: credit, waiting: again })).toBeUndefined();
});

test('J09 I09 who was paid reads of himself, not of the freelancer', () => {
  const released = milestone({ status: 'released', hold: held(paid) });
  expect(nextOf(released, freelancer).words).toBe('€900.00 reached your payout account on Dec 3, 2026.');
  expect(nextOf(released, client).words).toBe('€900.00 reached the freelancer on Dec 3, 2026.');
});

test('I09 I13 UX 31 where a part was released and the rest went back, the end tells both halves', () => {
  const both = { releasedMinor: 33_333, platformFeeMinor: 3_333, paidMinor: 30_000, refundedMinor: 66_667 };
  const released = milestone({ status: 'released', hold: held(both) });
  expect(nextOf(released, client).words).toBe('€300.00 reached the freelancer. €666.67 went back to you.');
  expect(nextOf(released, freelancer).words).toBe(
    '€300.00 reached your payout account. €666.67 went back to the client.',
  );
  const ended = milestone({ status: 'cancelled', hold: held(both) });
  for (const at of [client, freelancer, watcher]) expect(nextOf(ended, at).words).toBe(nextOf(released, at).words);
  const underWay = held({ ...both, paidMinor: 0, releasedMinor: 0, releasingMinor: 33_333 });
  expect(nextOf(milestone({ status: 'cancelled', hold: underWay }), client).words).toBe(
    '€300.00 is on its way to the freelancer. €666.67 went back to you.',
  );
  const returned = held({ ...both, creditMinor: 66_667 });
  expect(nextOf(milestone({ status: 'released', hold: returned }), client).words, 'it did not arrive').toBe(
    '€300.00 reached the freelancer on Dec 3, 2026.',
  );
});

test('UX 31 I13 a request to end it, after a part was released: nobody is told to agree to what is not taken any more', () => {
  const ending = milestone({ status: 'started', cancellation: endAskedBy('ana'), hold: held({ heldMinor: 60_000 }) });
  expect(nextOf(ending, freelancer).words).toContain('it cannot be agreed to as it is');
  expect(nextOf(ending, freelancer).words).not.toContain('If you agree');
  expect(nextOf(ending, client).words).toContain('ask again');
  const whole = { ...ending, hold: held({ heldMinor: 100_000 }) };
  expect(nextOf(whole, freelancer).words).toContain('If you agree, €1,000.00 goes back to the client');
  const theirs = { ...whole, cancellation: endAskedBy('bo') };
  expect(nextOf(theirs, client).words, 'who paid reads of himself').toContain('€1,000.00 goes back to you');
});

test('UX 31 of several milestones to pay for only the next one calls for it', () => {
  const plan = ['released', 'planned', 'planned'].map((status, at) =>
    milestone({ id: `m${at}`, status } as Partial<Milestone>),
  );
  const fund = { step: 'fund', label: 'Fund' } as const;
  expect(plan.map((it) => isForemost(fund, it, plan))).toEqual([true, true, false]);
  expect(isForemost({ step: 'approve', label: 'Approve' }, plan[2]!, plan)).toBe(true);
});

test.each([
  ['card', 'Planned', 'Next: the client funds it.'],
  ['declined', 'Planned', 'Next: the client funds it.'],
  ['challenge', 'Being paid', 'The payment is being confirmed.'],
] as const)(
  'I05 L6 how the client pays is his own affair: of a payment that waits (%s) the others read whether it is being paid, or not yet',
  (reason, label, words) => {
    const waiting = { reason, on: 'client', paymentId: 'p', since: answerBy } as const;
    const paying = milestone({ status: 'funding', waiting });
    for (const at of [freelancer, watcher]) {
      expect(stateOf(paying, at.side).label).toBe(label);
      expect(nextOf(paying, at).words).toContain(words);
    }
    expect(stateOf(paying, 'client').label).toBe('Waiting');
    const money = { topUpMinor: 30_000, serviceFeeMinor: 1_000, clientPaysMinor: 31_000 };
    const agreed = { ...changeBy('bo'), acceptedBy: 'ana', money } as Milestone['proposal'];
    const clocks = [{ kind: 'payment' }] as unknown as Milestone['clocks'];
    const more = milestone({
      status: 'started',
      proposal: agreed,
      hold: held({ heldMinor: 100_000 }),
      clocks,
      waiting,
    });
    expect(nextOf(more, freelancer).words).toContain(
      reason === 'challenge' ? 'being confirmed' : 'when the client has paid the difference',
    );
  },
);

test('I05 UX 46 after a decline the button says what it does', () => {
  const waits = (reason: 'declined' | 'challenge') =>
    milestone({ status: 'funding', waiting: { reason, on: 'client', paymentId: 'p', since: answerBy } });
  expect(nextOf(waits('declined'), client).offer).toEqual({ step: 'finish', label: 'Try again' });
  expect(nextOf(waits('challenge'), client).offer).toEqual({ step: 'finish', label: 'Finish paying' });
});

test('UX 31 after the payment for more was finished, the words are of that payment, until it is confirmed', () => {
  const agreed = { ...changeBy('ana'), acceptedBy: 'bo' } as Milestone['proposal'];
  const clocks = [
    { kind: 'payment', dueAt: answerBy, pausedAt: null, remainingSeconds: null },
  ] as unknown as Milestone['clocks'];
  const paying = milestone({ status: 'started', proposal: agreed, hold: held({ heldMinor: 100_000 }), clocks });
  for (const side of [client, freelancer])
    expect(nextOf(paying, side).words).toContain('The difference is being confirmed.');
  expect(nextOf({ ...paying, clocks: [], proposal: null }, client).words).not.toContain('being confirmed');
});

test('UX 31 whoever pays is called by his name for everybody who does not: several may be clients of a project', () => {
  const review = [{ kind: 'review', dueAt: answerBy, pausedAt: null, remainingSeconds: null }] as Milestone['clocks'];
  const money = { topUpMinor: 30_000, serviceFeeMinor: 1_000, clientPaysMinor: 31_000 };
  const proposal = { ...changeBy('bo'), acceptedBy: 'ana', money } as Milestone['proposal'];
  const waiting = { reason: 'top_up', on: 'client', paymentId: null, since: answerBy } as const;
  const hold = held({ heldMinor: 100_000 });
  for (const at of [freelancer, watcher]) {
    const words = (change: Partial<Milestone>, payer?: string) =>
      nextOf(milestone(change), { ...at, ...(payer && { payer }) }).words;
    expect(words({ status: 'planned' }, 'Ana')).toBe('Next: Ana funds it. Work begins when the money is held.');
    expect(words({ status: 'planned' })).toContain('Next: the client funds it.');
    expect(words({ status: 'submitted', clocks: review, hold }, 'Ana')).toContain('Ana reviews it until Dec 3, 2026.');
    expect(words({ status: 'submitted', clocks: review, hold })).toContain('The client reviews it until Dec 3, 2026.');
    expect(words({ status: 'started', proposal, waiting, hold }, 'Ana')).toContain('when Ana has paid the difference');
  }
});
