import { z } from 'zod';
import { currencies, maxAmountMinor, type Currency } from './currency.ts';

export { currencies, currencyDigits, decimalOf, maxAmountMinor, parseAmount, type Currency } from './currency.ts';

export const currency = z.enum(
  currencies as [Currency, ...Currency[]],
  'Use the code of a currency that is offered here, for example EUR.',
);

/** An amount in integer minor units; it always travels with its currency. */
export const amountMinor = z.int().min(1).max(maxAmountMinor);
