import { isChargeable, isOnePayment, type FeeTerms } from '@safesend/shared/escrow/fees.ts';
import { refuseField } from '@safesend/shared/failure.ts';
import type { Currency } from '@safesend/shared/money.ts';

/** What could never be charged or paid to the last unit is not planned, agreed on or moved either. */
export function requireChargeable(
  amountMinor: number,
  currency: Currency,
  as: 'charged' | 'paid',
  path = 'amountMinor',
): void {
  if (isChargeable(amountMinor, currency)) return;
  throw refuseField('invalid', path, `This amount cannot be ${as} to the last unit in this currency.`);
}

/** One payment has to bring all of it. */
export function requireOnePayment(
  amountMinor: number,
  currency: Currency,
  terms: Pick<FeeTerms, 'serviceFeeBps'>,
  path = 'amountMinor',
): void {
  if (isOnePayment(amountMinor, currency, terms)) return;
  throw refuseField(
    'invalid',
    path,
    'With the service fee this is more than can be charged at once. Plan it in parts.',
  );
}
