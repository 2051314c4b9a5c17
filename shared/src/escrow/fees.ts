import type { Currency } from '../currency.ts';

/**
 * Processors charge some currencies in other units, or coarser steps, than ISO 4217 counts: `units` are their units in one
 * of ours, `step` the smallest amount of ours that can be charged and transferred, `payoutStep` the smallest that reaches
 * a bank, `fixed` what a charge costs at least, in ours.
 */
interface ChargeRule {
  readonly units: bigint;
  readonly step: bigint;
  readonly payoutStep: bigint;
  readonly fixed: bigint;
}

const ordinary: ChargeRule = { units: 1n, step: 1n, payoutStep: 1n, fixed: 35n };
const rules: Partial<Record<Currency, Partial<ChargeRule>>> = {
  BHD: { step: 10n, payoutStep: 10n, fixed: 150n },
  CZK: { fixed: 800n },
  DKK: { fixed: 250n },
  HUF: { payoutStep: 100n, fixed: 13_000n },
  INR: { fixed: 3_000n },
  ISK: { units: 100n, fixed: 50n },
  JPY: { fixed: 50n },
  KRW: { fixed: 500n },
  KWD: { step: 10n, payoutStep: 10n, fixed: 110n },
  MXN: { fixed: 700n },
  NOK: { fixed: 400n },
  PLN: { fixed: 150n },
  RON: { fixed: 170n },
  SEK: { fixed: 400n },
  TWD: { payoutStep: 100n, fixed: 1_200n },
  UGX: { units: 100n, fixed: 1_300n },
  ZAR: { fixed: 650n },
};

export function chargeRule(of: Currency): ChargeRule {
  return { ...ordinary, ...rules[of] };
}

/** Can this amount be charged and paid out to the last unit? */
export function isChargeable(amountMinor: number, of: Currency): boolean {
  return BigInt(amountMinor) % chargeRule(of).step === 0n;
}

/** What a processor calls this amount. */
export function toProcessorUnits(amountMinor: bigint, of: Currency): bigint {
  return amountMinor * chargeRule(of).units;
}

/** What we call a processor's amount; null when it is not a whole number of our units. */
export function fromProcessorUnits(units: bigint, of: Currency): bigint | null {
  const { units: inOne } = chargeRule(of);
  return units % inOne === 0n ? units / inOne : null;
}

/** A processor takes eight digits at once, in its own units. */
const mostUnits = 99_999_999n;

/** Can it be charged at once, with the service fee on top? */
export function isOnePayment(amountMinor: number, of: Currency, terms: Pick<FeeTerms, 'serviceFeeBps'>): boolean {
  const amount = BigInt(amountMinor);
  return toProcessorUnits(amount + serviceFee(amount, of, terms), of) <= mostUnits;
}

/** What a contract agreed about fees, in hundredths of a per cent; fixed when the project began. */
export interface FeeTerms {
  readonly platformFeeBps: number;
  readonly serviceFeeBps: number;
}

/** Where whoever runs it has said nothing else. */
export const defaultFeeTerms: FeeTerms = { platformFeeBps: 1_000, serviceFeeBps: 350 };

/** Taken from what is released, rounded down to what can be charged; the freelancer gets the rest, so the parts always sum. */
export function platformFee(
  amount: bigint,
  of: Currency,
  { platformFeeBps }: Pick<FeeTerms, 'platformFeeBps'>,
): bigint {
  const fee = (amount * BigInt(platformFeeBps)) / 10_000n;
  return fee - (fee % chargeRule(of).step);
}

/** Comes on top of what the client pays and covers the processor, rounded up to what can be charged. Never given back. */
export function serviceFee(amount: bigint, of: Currency, { serviceFeeBps }: Pick<FeeTerms, 'serviceFeeBps'>): bigint {
  if (serviceFeeBps === 0) return 0n;
  const { fixed, step } = chargeRule(of);
  const fee = (amount * BigInt(serviceFeeBps) + 9_999n) / 10_000n + fixed;
  return ((fee + step - 1n) / step) * step;
}

/** What was released of an amount so far, and the platform's fee that was taken of it; in minor units. */
export interface Taken {
  readonly releasedMinor: bigint;
  readonly feeMinor: bigint;
}

/**
 * The platform's fee of the next part of an amount: the parts' fees sum to the fee of all that was released, however it is
 * cut, and also where a part between them was taken out again with its own fee, which rounding can make a unit more or less.
 * A bank knows no steps: of what it left between two of them the fee is rounded down, so that the rest can be transferred.
 */
export function feeOfPart({ releasedMinor, feeMinor }: Taken, part: bigint, of: Currency, terms: FeeTerms): bigint {
  const due = platformFee(releasedMinor + part, of, terms) - feeMinor;
  if (due < 0n) return 0n;
  return due > part ? part : due - (due % chargeRule(of).step);
}

/** Cuts an amount by whole weights: each part but the last rounded down to what can be charged, the last one takes the rest. */
export function splitAmount(amount: bigint, weights: readonly bigint[], of: Currency): bigint[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  if (total <= 0n) throw new RangeError('nothing to split by');
  const { step } = chargeRule(of);
  const parts = weights.slice(0, -1).map((weight) => {
    const part = (amount * weight) / total;
    return part - (part % step);
  });
  return [...parts, parts.reduce((rest, part) => rest - part, amount)];
}

/** What a milestone costs and brings, shown before anybody commits to it. */
export interface Quote {
  readonly platformFeeMinor: number;
  readonly serviceFeeMinor: number;
  readonly clientPaysMinor: number;
  readonly freelancerGetsMinor: number;
}

export function quoteFor(amountMinor: number, of: Currency, terms: FeeTerms): Quote {
  const amount = BigInt(amountMinor);
  const platform = platformFee(amount, of, terms);
  const service = serviceFee(amount, of, terms);
  return {
    platformFeeMinor: Number(platform),
    serviceFeeMinor: Number(service),
    clientPaysMinor: Number(amount + service),
    freelancerGetsMinor: Number(amount - platform),
  };
}
