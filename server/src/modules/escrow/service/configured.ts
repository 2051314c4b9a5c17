import { Failure } from '@safesend/shared/failure.ts';
import type { MoneyDeps, Working } from './owner.ts';

/** Production without a key has no payments. */
export function requireProcessor(deps: MoneyDeps): Working {
  const { processor } = deps;
  if (!processor) throw new Failure('payments_not_configured', 'Payments are not set up here.');
  return { ...deps, processor };
}
