import { getTaxDetails, setTaxDetails } from '@safesend/shared/escrow/calls.ts';
import type { Door } from '../../../kernel/http.ts';
import * as tax from '../service/tax.ts';

export function taxRoutes(door: Door): void {
  door(getTaxDetails, async ({ em, me }) => ({ taxDetails: await tax.findTaxDetails(em, me) }));
  door(setTaxDetails, ({ body, transact }) =>
    transact(
      (tx) => tax.setTaxDetails(tx, body.taxDetails),
      () => null,
    ),
  );
}
