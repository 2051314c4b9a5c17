import { z } from 'zod';
import type { FeeTerms, Quote } from './fees.ts';

const minor = z.int().min(0);

/** Half. */
export const mostFeeBps = 5_000;

export const feeTerms = z.strictObject({
  platformFeeBps: z.int().min(0).max(mostFeeBps),
  serviceFeeBps: z.int().min(0).max(mostFeeBps),
}) satisfies z.ZodType<FeeTerms>;

export const quote = z.strictObject({
  platformFeeMinor: minor,
  serviceFeeMinor: minor,
  clientPaysMinor: minor,
  freelancerGetsMinor: minor,
}) satisfies z.ZodType<Quote>;
