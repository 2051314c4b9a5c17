import { describe, expect, it } from 'vitest';
import { decimalOf } from '@safesend/shared/money.ts';
import { milestoneInput, milestoneSchema, milestoneValues } from './milestone-form.ts';

const typed = { title: 'Design', amount: '1,200', due: '', criteria: 'Three screens' };
const judge = (part: Partial<typeof typed>, currency: 'EUR' | 'JPY' | 'KWD' = 'EUR') =>
  milestoneSchema.safeParse(milestoneInput({ ...typed, ...part }, currency));

describe('E08 a milestone as it is typed', () => {
  it.each([
    ['1,200', 'EUR', 120_000],
    ['80.5', 'EUR', 8_050],
    ['80,50', 'EUR', 8_050],
    ['1 200', 'JPY', 1_200],
    ['1.230', 'KWD', 1_230],
    ['€900', 'EUR', 90_000],
    ['900 eur', 'EUR', 90_000],
    ['¥150000', 'JPY', 150_000],
    ['KWD 1.23', 'KWD', 1_230],
  ] as const)('E08 %s %s is %i minor units', (amount, currency, minor) => {
    expect(judge({ amount }, currency).data?.amountMinor).toBe(minor);
  });

  it.each(['', 'abc', '0', '-5', '1.2345', '99999999999'])('E08 “%s” is refused beside its field', (amount) => {
    const [issue] = judge({ amount }).error?.issues ?? [];
    expect(issue?.path).toEqual(['amountMinor']);
    expect(issue?.message).not.toMatch(/^Invalid/);
  });

  it('E08 T-M22 an amount that could never be charged to its last unit is refused when it is planned', () => {
    const [issue] = judge({ amount: '9.999' }, 'KWD').error?.issues ?? [];
    expect(issue).toMatchObject({ path: ['amountMinor'], message: expect.stringContaining('steps of KWD') });
    expect(judge({ amount: '$900' }).success, 'of another currency').toBe(false);
  });

  it('E08 a due day lasts until it is over, and comes back as the same day', () => {
    const { dueAt } = judge({ due: '2027-03-01' }).data ?? {};
    expect(new Date(dueAt ?? '').getHours()).toBe(23);
    const view = {
      ...{ id: '', projectId: '', title: 'Design', criteria: 'Done', status: 'planned' as const, position: 1 },
      ...{ amountMinor: 120_050, currency: 'EUR' as const, dueAt: dueAt ?? null, createdAt: '' },
      ...{ revision: 1, hold: null, submission: null, proposal: null, cancellation: null, clocks: [], waiting: null },
      quote: { platformFeeMinor: 0, serviceFeeMinor: 0, clientPaysMinor: 0, freelancerGetsMinor: 0 },
    };
    expect(milestoneValues(view)).toMatchObject({ due: '2027-03-01', amount: '1200.50' });
  });

  it('T-M22 what is shown for typing reads back as the same amount', () => {
    expect([decimalOf(5, 'EUR'), decimalOf(500, 'JPY'), decimalOf(1, 'KWD')]).toEqual(['0.05', '500', '0.001']);
  });
});
