import { newId } from '@safesend/shared/ids.ts';
import type { Milestone } from '@safesend/shared/projects/milestone.ts';
import { agreedAnew } from '@safesend/shared/projects/reasons.ts';
import { expect, test } from 'vitest';
import type { Side } from '#lib/money/side.ts';
import { factWords } from './fact-words.ts';
import { milestoneChangeWords } from './milestone-words.ts';
import { previewOf } from './preview.ts';
import type { FactEvent } from './timeline.ts';
import { workWords as work } from './work-words.ts';

const at = '2026-03-01T10:00:00.000Z';
const person = { userId: newId(), username: 'ana', displayName: 'Ana Silva', role: 'client' as const };
const envelope = { roomId: newId(), seq: 3, id: newId(), actorId: person.userId, at, hash: '' };
const logo: Milestone = {
  ...{ id: newId(), projectId: newId(), title: 'Logo', amountMinor: 30_000, currency: 'EUR', dueAt: null },
  ...{ criteria: 'Three drafts', status: 'planned', position: 1, createdAt: at },
  ...{ revision: 1, hold: null, submission: null, proposal: null, cancellation: null, clocks: [], waiting: null },
  quote: { platformFeeMinor: 0, serviceFeeMinor: 0, clientPaysMinor: 0, freelancerGetsMinor: 0 },
};
const third = '2026-12-03T12:00:00.000Z';
const ninth = '2026-12-09T12:00:00.000Z';

test.each<[string, Partial<Milestone>, string]>([
  ['amount', { amountMinor: 35_000 }, 'changed the amount of ‘Logo’ from €300.00 to €350.00'],
  ['title', { title: 'Brand' }, 'renamed ‘Logo’ to ‘Brand’'],
  ['due date', { dueAt: third }, 'set the due date of ‘Logo’ to Dec 3, 2026'],
  ['criteria', { criteria: 'Four drafts' }, 'changed when ‘Logo’ counts as done'],
  ['place', { position: 2 }, 'moved ‘Logo’ to place 2 of the plan'],
  [
    'several',
    { title: 'Brand', amountMinor: 35_000, position: 4 },
    'changed ‘Logo’: title to ‘Brand’ and amount from €300.00 to €350.00',
  ],
])('UX 16 a changed milestone says what changed: %s', (_, change, words) => {
  expect(milestoneChangeWords({ ...logo, ...change }, logo)).toBe(words);
});

test('UX 16 a due date that moves or goes says from when', () => {
  const dated = { ...logo, dueAt: third };
  expect(milestoneChangeWords({ ...logo, dueAt: ninth }, dated)).toBe(
    'moved the due date of ‘Logo’ from Dec 3, 2026 to Dec 9, 2026',
  );
  expect(milestoneChangeWords(logo, dated)).toBe('removed the due date of ‘Logo’');
});

test('UX 16 without the milestone as it was, the line says what it is now', () => {
  expect(milestoneChangeWords(logo, null)).toBe('updated ‘Logo’: €300.00');
  expect(milestoneChangeWords({ ...logo, dueAt: third }, null)).toBe('updated ‘Logo’: €300.00, due Dec 3, 2026');
});

const bo = newId();
const asked: Milestone = {
  ...{ ...logo, status: 'started' },
  cancellation: {
    ...{ requestedBy: person.userId, reason: 'Plans changed', refundMinor: 30_000, keptFeeMinor: 1_000 },
    ...{ requestedAt: at, answerBy: third },
  },
};
const ended: Milestone = { ...logo, status: 'cancelled' };

/** What the timeline says of a fact by one of the two. */
function said(
  actorId: string | null,
  fact: Pick<FactEvent, 'type' | 'data'>,
  before: Milestone | null,
  side: Side = 'watcher',
): string {
  const names = new Map<string | null, string>([
    [person.userId, 'Ana'],
    [bo, 'Bo'],
  ]);
  const event = { ...envelope, ...fact, actorId } as FactEvent;
  const { actor, text } = factWords(event, (id) => names.get(id) ?? '', {
    kind: 'project',
    before,
    invited: null,
    side,
    work,
  });
  return [actor, text].filter(Boolean).join(' ');
}

test('UX 43 UX 16 while the words of work are not fetched yet its lines are still lines', () => {
  const telling = { kind: 'project', before: null, invited: null, side: 'watcher', work: null } as const;
  for (const type of ['milestone.started', 'milestone.changed'] as const)
    expect(factWords({ ...envelope, type, data: logo }, () => 'Ana', telling)).toEqual({
      ...{ actor: null, text: 'Something happened' },
    });
});

test('I13 UX 16 an agreed end reads as it happened: who asked and why, who agreed, and what follows from it', () => {
  const movement = { amountMinor: 30_000, feeMinor: 0, currency: 'EUR' };
  const refunding = { milestone: ended, movement, reason: 'Plans changed' } as unknown as FactEvent['data'];
  const asks = 'Ana asks to end ‘Logo’, €300.00 would go back to the client: Plans changed';
  expect(said(person.userId, { type: 'milestone.cancellation.requested', data: asked }, null)).toBe(asks);
  for (const before of [asked, null]) {
    const agrees = said(bo, { type: 'milestone.refunding', data: refunding }, before);
    expect(agrees, 'nobody’s reason in another’s mouth').toBe(
      'Bo agreed to end ‘Logo’: €300.00 goes back to the client',
    );
  }
  const out = said(bo, { type: 'milestone.cancelled', data: ended }, ended);
  expect(out).toBe('‘Logo’ is out of the plan, as both sides agreed');
  expect(said(bo, { type: 'milestone.cancelled', data: ended }, logo)).toBe('Bo took Logo out of the plan');
});

test('X18 UX 16 of a lower amount that was agreed nobody is said to give money back, the client to himself least of all', () => {
  const movement = { amountMinor: 10_000, feeMinor: 0, currency: 'EUR' };
  const data = { milestone: logo, movement, reason: agreedAnew } as unknown as FactEvent['data'];
  expect(said(bo, { type: 'milestone.refunding', data }, null)).toBe(
    '€100.00 of ‘Logo’ goes back to the client: the amount was agreed anew',
  );
});

test('I13 UX 16 an end that is not agreed says whether it was declined, taken back or never answered', () => {
  const goesOn = { type: 'milestone.cancellation.declined', data: { ...asked, cancellation: null } } as const;
  expect(said(person.userId, goesOn, asked)).toBe('Ana took back the request to end ‘Logo’: it goes on');
  expect(said(bo, goesOn, asked)).toBe('Bo did not agree to end ‘Logo’: it goes on');
  expect(said(null, goesOn, asked)).toBe('‘Logo’ goes on: nobody answered the request to end it');
  expect(said(bo, goesOn, null)).toBe('‘Logo’ goes on: the end of it was declined or taken back');
});

test('I13 UX 16 a release that came before an answer says that the request to end it is over', () => {
  const movement = { amountMinor: 30_000, feeMinor: 0, currency: 'EUR' };
  const data = (status: string, cancellation = null) =>
    ({ milestone: { ...logo, status, cancellation }, movement, reason: 'Sorry' }) as unknown as FactEvent['data'];
  const over = 'With that the request to end it is over';
  const approved = { type: 'milestone.approved', data: data('approved') } as const;
  const byItself = 'The review of ‘Logo’ ended without an answer: €300.00 is released';
  expect(said(null, approved, asked)).toBe(`${byItself}. ${over}`);
  expect(said(person.userId, approved, asked)).toBe(`Ana approved ‘Logo’ and released €300.00. ${over}`);
  expect(said(null, approved, logo)).toBe(byItself);
  const last = { type: 'milestone.releasing', data: data('approved') } as const;
  expect(said(person.userId, last, asked)).toContain(over);
  const part = data('started', asked.cancellation as never);
  expect(said(person.userId, { type: 'milestone.releasing', data: part }, asked)).not.toContain(over);
});

test('X18 UX 16 a release that came before an answer says that the proposed change is over', () => {
  const movement = { amountMinor: 30_000, feeMinor: 0, currency: 'EUR' };
  const proposal = { proposedBy: bo, acceptedBy: null } as unknown as Milestone['proposal'];
  const data = (status: string, open: Milestone['proposal']) =>
    ({ milestone: { ...logo, status, proposal: open }, movement, reason: 'Sorry' }) as unknown as FactEvent['data'];
  const over = 'With that the proposed change is over';
  const approved = { type: 'milestone.approved', data: data('approved', null) } as const;
  expect(said(person.userId, approved, { ...logo, proposal })).toBe(
    `Ana approved ‘Logo’ and released €300.00. ${over}`,
  );
  expect(said(person.userId, approved, { ...asked, proposal })).toContain(`the request to end it is over. ${over}`);
  expect(said(person.userId, approved, logo)).not.toContain(over);
  const part = { type: 'milestone.releasing', data: data('started', proposal) } as const;
  expect(said(person.userId, part, { ...logo, proposal })).not.toContain(over);
  for (const type of ['milestone.change.accepted', 'milestone.change.declined'] as const)
    expect(said(bo, { type, data: logo }, { ...logo, proposal }), 'somebody answered').not.toContain(over);
});

test('J09 UX 16 who has refunded again what had come back is named; a processor that does not answer is another matter', () => {
  const hold = { creditMinor: 2_345 } as Milestone['hold'];
  const waiting = { reason: 'processor', on: 'product', paymentId: null, since: at } as const;
  const waits = (again?: true) =>
    ({ type: 'milestone.waiting', data: { ...logo, hold, waiting: { ...waiting, ...(again && { again }) } } }) as const;
  const gives = 'Ana asked to have €23.45 of ‘Logo’ refunded again';
  expect(said(person.userId, waits(true), null)).toBe(gives);
  expect(said(person.userId, waits(), null), 'as older logs say it').toBe(gives);
  expect(said(null, waits(), null)).toBe(
    'The money of ‘Logo’ has not gone through at the payment processor yet; it is tried again',
  );
});

test('X18 UX 16 a proposal that is not gone on with says whether it was declined, taken back, given up or never answered', () => {
  const over = { type: 'milestone.change.declined', data: logo } as const;
  const money = { topUpMinor: 4_500, clientPaysMinor: 4_700 };
  const proposal = (acceptedBy: string | null) =>
    ({ ...logo, proposal: { proposedBy: person.userId, acceptedBy, money } }) as unknown as Milestone;
  expect(said(bo, over, proposal(null))).toBe('Bo declined the proposed change of ‘Logo’');
  expect(said(person.userId, over, proposal(null))).toBe('Ana took back the proposed change of ‘Logo’');
  expect(said(bo, over, proposal(bo))).toBe('Bo gave up the agreed change of ‘Logo’: it stays as it was');
  expect(said(null, over, proposal(null))).toBe('The proposed change of ‘Logo’ lapsed without an answer');
  expect(said(null, over, proposal(bo)), 'it was answered').toBe(
    'The agreed change of ‘Logo’ lapsed: the difference of €45.00 was not paid',
  );
  expect(said(null, over, null), 'nobody knows which').toBe('The proposed change of ‘Logo’ lapsed');
});

test('I05 an attempt to pay that its payer gave up was not declined', () => {
  const data = (status: string) =>
    ({ milestone: logo, payment: { status, amountMinor: 31_000 } }) as unknown as FactEvent['data'];
  const unpaid = (status: string, side: Side) => said(null, { type: 'payment.failed', data: data(status) }, null, side);
  expect(unpaid('cancelled', 'client')).toBe('You gave up paying €310.00 for ‘Logo’; nothing was charged');
  expect(unpaid('declined', 'client')).toBe('The payment of €310.00 for ‘Logo’ was declined; nothing was charged');
  // How he pays, and his fee in it, is the payer's own affair.
  for (const status of ['cancelled', 'declined', 'expired'])
    for (const side of ['freelancer', 'watcher'] as const)
      expect(unpaid(status, side), status).toBe('‘Logo’ is not paid yet');
  const funding = { type: 'milestone.funding', data: data('processing') } as FactEvent;
  expect(said(person.userId, funding, null, 'client')).toBe('Ana began to pay €310.00 for ‘Logo’');
  expect(said(person.userId, funding, null, 'freelancer')).toBe('Ana began to pay for ‘Logo’');
  const asked = { ...logo, waiting: { reason: 'challenge' } } as unknown as Milestone;
  const challenge = { type: 'milestone.waiting', data: asked } as FactEvent;
  expect(said(null, challenge, null, 'client')).toBe('Your bank asks you to confirm the payment for ‘Logo’');
  expect(said(null, challenge, null, 'freelancer')).toBe('‘Logo’ is not paid yet');
});

test('J15 J04 what was released and has not left is said to wait for the bank once nothing else holds it', () => {
  const onItsWay = {
    releasingMinor: 50_000,
    releasedMinor: 0,
    platformFeeMinor: 5_000,
    paidMinor: 0,
    atRiskMinor: 45_000,
  };
  const held = { type: 'milestone.waiting', data: { ...logo, waiting: null, hold: onItsWay } };
  expect(said(null, held as unknown as FactEvent, null)).toBe('The money of ‘Logo’ waits until the bank has decided');
});

test('X18 I05 of a difference that is not paid nobody reads that the work is not, nor of an attempt that ended with the work that its payer gave it up', () => {
  const agreed = { ...logo, status: 'submitted', proposal: { acceptedBy: bo } } as unknown as Milestone;
  const over: Milestone = { ...logo, status: 'approved' };
  const failed = (milestone: Milestone, status: string) =>
    ({ type: 'payment.failed', data: { milestone, payment: { status, amountMinor: 31_000 } } }) as unknown as FactEvent;
  for (const side of ['freelancer', 'watcher'] as const) {
    expect(said(null, failed(agreed, 'declined'), null, side)).toBe('The difference for ‘Logo’ is not paid yet');
    expect(said(null, failed(over, 'cancelled'), null, side)).toBe('The difference for ‘Logo’ was not paid');
  }
  const asked = { ...agreed, waiting: { reason: 'challenge' } } as unknown as Milestone;
  expect(said(null, { type: 'milestone.waiting', data: asked } as FactEvent, null, 'freelancer')).toBe(
    'The difference for ‘Logo’ is not paid yet',
  );
  expect(said(null, failed(agreed, 'cancelled'), null, 'client')).toBe(
    'You gave up paying €310.00 for ‘Logo’; nothing was charged',
  );
  expect(said(null, failed(over, 'cancelled'), null, 'client')).toBe(
    'The attempt to pay €310.00 for ‘Logo’ has ended: there is nothing left to pay for. Nothing was charged',
  );
});

const sums = {
  ...{ releasedMinor: 0, releasingMinor: 0, platformFeeMinor: 0, owedMinor: 0, recoveredMinor: 0 },
};

test.each([
  [30_000, 0, 'watcher', ': what is held is frozen'],
  [0, 27_000, 'client', ' after the release: up to €270.00 may be taken back from the freelancer'],
  [0, 27_000, 'freelancer', ' after the release: up to €270.00 may be taken back from you'],
  [20_000, 9_000, 'client', ': what is held is frozen, and up to €90.00 may be taken back from the freelancer'],
  [20_000, 9_000, 'freelancer', ': what is held is frozen, and up to €90.00 may be taken back from you'],
  [0, 0, 'client', ''],
] as const)('X22 J15 an opened chargeback says what it is about: %#', (frozenMinor, riskMinor, side, then) => {
  const chargeback = { amountMinor: 31_085, frozenMinor, riskMinor };
  const data = { milestone: { ...logo, hold: sums }, chargeback } as unknown as FactEvent['data'];
  const words = said(null, { type: 'chargeback.opened', data } as FactEvent, null, side);
  const bank = side === 'client' ? 'Your bank' : 'The client’s bank';
  expect(words).toBe(`${bank} took back €310.85 of ‘Logo’${then}`);
});

test.each(['opened', 'closed'] as const)(
  'J15 I05 of a chargeback that is %s who paid reads what his bank says, everybody else what of it was for the work',
  (which) => {
    const chargeback = {
      status: 'lost',
      amountMinor: 31_085,
      shareMinor: 30_000,
      frozenMinor: 30_000,
      riskMinor: 0,
      owedMinor: 0,
    };
    const data = { milestone: { ...logo, hold: sums }, chargeback };
    const words = (side: Side) =>
      said(null, { type: `chargeback.${which}`, data } as unknown as FactEvent, null, side) ?? '';
    expect(words('client')).toContain('€310.85');
    for (const side of ['freelancer', 'watcher'] as const) expect(words(side)).toContain('€300.00');
  },
);

test.each([
  ['opened', 'open', 'nothing of it is held or was paid to the freelancer'],
  ['closed', 'lost', 'decided for the client'],
  ['closed', 'won', 'decided for the freelancer'],
] as const)(
  'J15 J09 I05 a chargeback of what had gone back before, %s and %s, has no sum for whoever did not pay',
  (which, status, then) => {
    const chargeback = { status, amountMinor: 3_535, shareMinor: 0, frozenMinor: 0, riskMinor: 0, owedMinor: 0 };
    const data = { milestone: { ...logo, hold: sums }, chargeback };
    const words = said(null, { type: `chargeback.${which}`, data } as unknown as FactEvent, null, 'freelancer') ?? '';
    expect(words).toContain(then);
    expect(words).not.toContain('€');
  },
);

test('X22 J15 a chargeback of a part says what of the held money is frozen, and what stays free', () => {
  const opened = (side: Side, riskMinor: number) => {
    const chargeback = { amountMinor: 31_085, frozenMinor: 20_000, riskMinor };
    const data = { milestone: { ...logo, hold: { ...sums, heldMinor: 45_000 } }, chargeback };
    return said(null, { type: 'chargeback.opened', data } as unknown as FactEvent, null, side);
  };
  const took = 'bank took back €310.85 of ‘Logo’: €200.00 of what is held is frozen, €450.00 stays free';
  expect(opened('client', 0)).toBe(`Your ${took}`);
  expect(opened('freelancer', 9_000)).toBe(`The client’s ${took}, and up to €90.00 may be taken back from you`);
});

test.each([
  [0, ''],
  [20_000, ': €200.00 is frozen for another one'],
])('J15 a chargeback that was won says what another one freezes: %i', (frozenMinor, then) => {
  const chargeback = { status: 'won', amountMinor: 31_085, owedMinor: 0 };
  const data = { milestone: { ...logo, hold: { ...sums, frozenMinor } }, chargeback } as unknown as FactEvent['data'];
  const words = said(null, { type: 'chargeback.closed', data } as FactEvent, null);
  expect(words).toBe(`The chargeback of €310.85 for ‘Logo’ was decided for the freelancer${then}`);
});

test.each([
  [4_500, 4_500, '; €45.00 is still owed'],
  [0, 9_000, ', €90.00 in all'],
  [0, 4_500, ''],
])(
  'J15 what is taken back by several transfers says how far that is: %i owed, %i recovered',
  (owedMinor, recoveredMinor, then) => {
    const milestone = { ...logo, hold: { ...sums, owedMinor, recoveredMinor } };
    const data = { milestone, movement: { amountMinor: 4_500 } } as unknown as FactEvent['data'];
    const words = (side: Side) => said(null, { type: 'chargeback.recovered', data } as FactEvent, null, side);
    expect(words('freelancer')).toBe(`€45.00 of ‘Logo’ was taken back from your account${then}`);
    expect(words('client')).toBe(`€45.00 of ‘Logo’ was taken back from the freelancer’s account${then}`);
  },
);

test('J01 UX 31 a reminder of money that is held for long names what can be decided about, and how, on both sides', () => {
  const data = { milestone: { ...logo, hold: { ...sums, heldMinor: 20_000 } }, reminder: 'held.7d' };
  for (const side of ['client', 'freelancer'] as const)
    expect(said(null, { type: 'milestone.reminded', data } as unknown as FactEvent, null, side)).toBe(
      'The €200.00 held for ‘Logo’ is to be decided about within 7 days: release it, give it back or ask to end it',
    );
});

test('J14 UX 31 a reminder of the review names what its end releases: as the line that follows it, on both sides', () => {
  const hold = { ...sums, heldMinor: 20_000, frozenMinor: 5_000 };
  const data = { milestone: { ...logo, hold }, reminder: 'review.3d' } as unknown as FactEvent['data'];
  for (const side of ['client', 'freelancer'] as const)
    expect(said(null, { type: 'milestone.reminded', data } as FactEvent, null, side)).toBe(
      'The review of ‘Logo’ ends in 3 days; then €200.00 is released by itself',
    );
});

test.each(['planned', 'funding', 'funded', 'started'] as const)(
  'J14 UX 16 work that is overdue says whether it is not even paid: %s',
  (status) => {
    const overdue = { type: 'milestone.overdue', data: { ...logo, status } } as FactEvent;
    const unpaid = status === 'planned' || status === 'funding' ? ' and not funded yet' : '';
    expect(said(null, overdue, null)).toBe(`‘Logo’ is overdue${unpaid} (€300.00)`);
  },
);

test('I09 UX 31 what is handed in is told with what is held for it, not with what was agreed', () => {
  const handedIn = (hold: object | null) => {
    const submission = { number: 2 };
    const data = { ...logo, status: 'submitted', hold, submission } as unknown as FactEvent['data'];
    return said(bo, { type: 'milestone.submitted', data } as FactEvent, null);
  };
  expect(handedIn({ ...sums, heldMinor: 15_000 })).toBe('Bo handed in ‘Logo’, delivery 2, for €150.00');
  expect(handedIn({ ...sums, heldMinor: 30_000 })).toBe('Bo handed in ‘Logo’, delivery 2, for €300.00');
});

test('X18 UX 16 a proposed change says what would change, with the amounts', () => {
  const proposed = (terms: Partial<Milestone>) => {
    const { title, amountMinor, currency, dueAt, criteria } = logo;
    const proposal = { terms: { title, amountMinor, currency, dueAt, criteria, ...terms } };
    const data = { ...logo, status: 'started', proposal } as unknown as FactEvent['data'];
    return said(person.userId, { type: 'milestone.change.proposed', data } as FactEvent, null);
  };
  expect(proposed({ amountMinor: 35_000 })).toBe('Ana proposed a change of ‘Logo’: amount from €300.00 to €350.00');
  expect(proposed({ amountMinor: 20_000, dueAt: third, criteria: 'One draft' })).toBe(
    'Ana proposed a change of ‘Logo’: amount from €300.00 to €200.00, due date to Dec 3, 2026, and when it counts as done',
  );
});

test('I02 I09 what is paid on top is not called all that is held', () => {
  const funded = (hold: object, amountMinor: number) => {
    const data = { milestone: { ...logo, hold }, movement: { amountMinor, feeMinor: 0, currency: 'EUR' } };
    return said(null, { type: 'milestone.funded', data } as unknown as FactEvent, null);
  };
  const first = { ...sums, fundedMinor: 30_000, heldMinor: 30_000 };
  expect(funded(first, 30_000)).toBe('‘Logo’ is funded: €300.00 is held');
  const topped = { ...sums, fundedMinor: 35_000, heldMinor: 31_667 };
  expect(funded(topped, 5_000)).toBe('€50.00 more is paid for ‘Logo’: €316.67 is held now');
});

test.each([
  [0, 40_000, 'it is kept for the client', 'it is kept for you'],
  [
    0,
    36_465,
    '€364.65 is kept for the client, whose bank had brought back €35.35 beyond what was held',
    '€364.65 is kept for you, your bank had brought back €35.35 beyond what was held',
  ],
  ...([0, 5_000] as const).map(
    (before) =>
      [
        before,
        before,
        'the client’s bank had brought that much back before, so nothing is kept',
        'your bank had brought that much back before, so nothing is kept',
      ] as const,
  ),
] as const)(
  'J09 J15 a refund that came back is kept but for what a lost chargeback brought: %i, %i',
  (had, has, then, thenMine) => {
    const withCredit = (creditMinor: number) => ({ ...logo, hold: { ...sums, creditMinor } }) as unknown as Milestone;
    const data = { milestone: withCredit(has), movement: { amountMinor: 40_000, feeMinor: 0, currency: 'EUR' } };
    const fact = { type: 'milestone.refund.returned', data } as unknown as FactEvent;
    expect(said(null, fact, withCredit(had))).toBe(`The refund of €400.00 for ‘Logo’ did not arrive: ${then}`);
    expect(said(null, fact, withCredit(had), 'client')).toBe(
      `The refund of €400.00 for ‘Logo’ did not arrive: ${thenMine}`,
    );
  },
);

test('J09 who paid reads of his own bank that it sent a refund back again', () => {
  const waits = { type: 'milestone.waiting', data: { ...logo, waiting: { reason: 'refund_returned' } } };
  const words = (side: Side) => said(null, waits as unknown as FactEvent, null, side);
  expect(words('client')).toBe('Your bank sent the refund of ‘Logo’ back again');
  expect(words('freelancer')).toBe('The client’s bank sent the refund of ‘Logo’ back again');
});

test('J02 who was paid reads of himself', () => {
  const data = { milestone: logo, movement: { amountMinor: 30_000, feeMinor: 3_000 } } as unknown as FactEvent['data'];
  const fact = { type: 'milestone.released', data } as FactEvent;
  expect(said(null, fact, null, 'freelancer')).toBe(
    '€270.00 for ‘Logo’ reached your payout account, after a fee of €30.00',
  );
  expect(said(null, fact, null, 'client')).toBe(
    '€270.00 for ‘Logo’ reached the freelancer: the €300.00 released, less a fee of €30.00',
  );
});

test('J15 J02 what is sent again after an appeal is said with the sum that was taken back, and not as released once more', () => {
  const withHold = (recoveredMinor: number) => ({ ...logo, hold: { ...sums, recoveredMinor } }) as unknown as Milestone;
  const data = { milestone: withHold(0), movement: { amountMinor: 27_000, feeMinor: 0, currency: 'EUR' } };
  const fact = { type: 'milestone.released', data } as unknown as FactEvent;
  const again = (side: 'client' | 'freelancer') => said(null, fact, withHold(27_000), side);
  expect(again('freelancer')).toBe('€270.00 of ‘Logo’ that was taken back from your account reached it again');
  expect(again('client')).toBe('€270.00 of ‘Logo’ that was taken back from the freelancer’s account reached it again');
  // Where what was before is not known, or nothing was taken back: no fee of nothing.
  for (const before of [null, withHold(0)]) {
    expect(said(null, fact, before, 'freelancer')).toBe('€270.00 for ‘Logo’ reached your payout account');
    expect(said(null, fact, before, 'client')).toBe('€270.00 for ‘Logo’ reached the freelancer');
  }
});

test('UX 16 nobody joins a direct conversation: its first lines say that it begins', () => {
  const event: FactEvent = { ...envelope, type: 'member.joined', data: { ...person, invitationId: null } };
  const wordsIn = (kind: 'project' | 'direct') =>
    factWords(event, () => 'Ana Silva', { kind, before: null, invited: null, side: 'watcher', work }).text;
  expect(wordsIn('project')).toBe('joined as client');
  expect(wordsIn('direct')).toBe('The conversation begins here');
});

test('UX 1 the preview of a deleted message says whose it was', () => {
  const message = {
    ...{ id: newId(), authorId: person.userId, body: null, replyTo: null, files: [], mentions: [], reactions: [] },
    ...{ createdAt: at, editedAt: null, deletedAt: at },
  };
  const members = [{ ...person, joinedSeq: 1, avatarId: null }];
  const list = { id: envelope.roomId, kind: 'direct' as const, title: '', headSeq: 3, readSeq: 3, unread: 0, members };
  for (const type of ['message.deleted', 'message.posted'] as const) {
    const lastEvent = { ...envelope, type, data: message };
    expect(previewOf({ ...list, lastEvent }, newId())).toBe('Ana Silva deleted a message');
    expect(previewOf({ ...list, lastEvent }, person.userId)).toBe('You deleted a message');
  }
});
