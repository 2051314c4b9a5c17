import { Failure } from '@safesend/shared/failure.ts';
import type { Processor } from '../../../kernel/ports/processor.ts';
import { isStripe } from '../../../kernel/ports/stripe.ts';
import type { MoneyDeps, Working } from './owner.ts';

/** Production without a key has no payments. */
export function requireProcessor(deps: MoneyDeps): Working {
  const { processor } = deps;
  if (!processor) throw new Failure('payments_not_configured', 'Payments are not set up here.');
  return { ...deps, processor };
}

/** With a test key of Stripe nothing real moves either. */
export function isPlayMoney(processor: Processor | null): boolean {
  if (!processor) return false;
  return isStripe(processor) ? !processor.isLive : processor.isTest;
}
