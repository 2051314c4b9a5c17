import { describe, expect, test } from 'vitest';
import type { Currency } from '../currency.ts';
import {
  feeOfPart,
  fromProcessorUnits,
  isChargeable,
  platformFee,
  serviceFee,
  splitAmount,
  toProcessorUnits,
} from './fees.ts';

const bps = [0, 100, 290, 750, 1_000, 3_333];
const amounts = Array.from({ length: 10_000 }, (_, at) => BigInt(at + 1));

describe('T-M21 the parts sum to the whole, in every currency step', () => {
  test.each(bps)('at %i hundredths of a per cent, cut in two and in three', (platformFeeBps) => {
    const terms = { platformFeeBps, serviceFeeBps: 350 };
    for (const amount of amounts) {
      const fee = platformFee(amount, 'EUR', terms);
      if (fee < 0n || fee > amount) throw new Error(`fee of ${amount}: ${fee}`);
      for (const weights of [
        [1n, 1n],
        [60n, 40n],
        [1n, 1n, 1n],
      ]) {
        const parts = splitAmount(amount, weights, 'EUR');
        const sum = parts.reduce((all, part) => all + part, 0n);
        if (sum !== amount || parts.some((part) => part < 0n)) throw new Error(`parts of ${amount}: ${parts.join()}`);
        let before = 0n;
        let fees = 0n;
        for (const part of parts) {
          fees += feeOfPart({ releasedMinor: before, feeMinor: fees }, part, 'EUR', terms);
          before += part;
        }
        if (fees !== fee) throw new Error(`fees of ${amount} cut by ${weights.join()}: ${fees} instead of ${fee}`);
      }
    }
  });
});

test.each(bps)('T-M21 so do the rest, after one of three parts was taken out again, at %i', (platformFeeBps) => {
  const terms = { platformFeeBps, serviceFeeBps: 350 };
  for (let at = 1n; at <= 4_000n; at += 1n) {
    let taken = { releasedMinor: 0n, feeMinor: 0n };
    const release = (part: bigint) => {
      const fee = feeOfPart(taken, part, 'EUR', terms);
      if (fee < 0n || fee > part) throw new Error(`fee of ${part} after ${taken.releasedMinor}: ${fee}`);
      taken = { releasedMinor: taken.releasedMinor + part, feeMinor: taken.feeMinor + fee };
      return fee;
    };
    release(at);
    const [withheld, fee] = [(at % 37n) + 1n, release((at % 37n) + 1n)];
    release((at % 11n) + 1n);
    taken = { releasedMinor: taken.releasedMinor - withheld, feeMinor: taken.feeMinor - fee };
    release(100n);
    expect(taken.feeMinor, `${at}`).toBe(platformFee(taken.releasedMinor, 'EUR', terms));
  }
});

test('T-M21 what arrives can be transferred to the last unit, also after a bank took out a part that is between two steps', () => {
  const terms = { platformFeeBps: 1_000, serviceFeeBps: 350 };
  // 100.000 less the 73.335 that were withheld, with what was taken of them beyond the 66.000 that would have arrived.
  const taken = { releasedMinor: 26_665n, feeMinor: 10_000n - 7_335n };
  for (let part = 10n; part <= 60_000n; part += 10n) {
    const fee = feeOfPart(taken, part, 'KWD', terms);
    if (!isChargeable(Number(part - fee), 'KWD')) throw new Error(`${part - fee} of ${part}`);
  }
});

test.each<[Currency, bigint, bigint]>([
  ['USD', 123n, 123n],
  ['EUR', 1n, 1n],
  ['JPY', 500n, 500n],
  ['KRW', 500n, 500n],
  ['UGX', 5n, 500n],
  ['ISK', 5n, 500n],
  ['HUF', 12_300n, 12_300n],
  ['TWD', 12_300n, 12_300n],
  ['KWD', 1_230n, 1_230n],
  ['BHD', 1_230n, 1_230n],
])('T-M22 %s: %s of ours is %s of the processor, and back', (currency, ours, theirs) => {
  expect(toProcessorUnits(ours, currency)).toBe(theirs);
  expect(fromProcessorUnits(theirs, currency)).toBe(ours);
});

test('T-M22 what cannot be charged to the last unit is refused, and fees keep the step', () => {
  expect([isChargeable(1_235, 'KWD'), isChargeable(1_230, 'KWD'), isChargeable(1_235, 'EUR')]).toEqual([
    false,
    true,
    true,
  ]);
  expect(fromProcessorUnits(550n, 'ISK')).toBeNull();
  for (const amount of [10n, 1_230n, 99_990n]) {
    const terms = { platformFeeBps: 1_000, serviceFeeBps: 350 };
    expect([platformFee(amount, 'KWD', terms) % 10n, serviceFee(amount, 'KWD', terms) % 10n]).toEqual([0n, 0n]);
  }
});
