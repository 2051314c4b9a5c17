import { isChargeable } from '@safesend/shared/escrow/fees.ts';
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
