import { sqlState } from './sql.ts';

/** Postgres is overloaded, ending, starting or full, or let go of what took too long. */
const states = new Set(['55P03', '57014', '57P01', '57P02', '57P03', '53300', '08000', '08003', '08006', '08001']);
const connectionCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** What Stripe’s library calls no answer, a fault of Stripe’s, and too many questions. */
const processorAway = new Set(['StripeConnectionError', 'StripeAPIError', 'StripeRateLimitError']);

/** Whether the same question may be answered in a moment: the database or the processor is away, and nothing is wrong with what was asked. */
export function isOutage(error: unknown): boolean {
  if (error instanceof Error && 'type' in error && processorAway.has(String(error.type))) return true;
  const code = sqlState(error) ?? '';
  const isLost = error instanceof Error && /timeout|terminated|not queryable/i.test(error.message);
  return states.has(code) || connectionCodes.has(code) || (isLost && code === '');
}
