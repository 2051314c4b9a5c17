import {
  downloadStatement,
  getInvoice,
  getInvoicePdf,
  getStatements,
  listInvoices,
} from '@safesend/shared/escrow/calls.ts';
import type { Door, HttpContext } from '../../../kernel/http.ts';
import type { Processor } from '../../../kernel/ports/processor.ts';
import type { Transact } from '../../../kernel/transact.ts';
import { queryOne, type Em } from '../../../kernel/sql.ts';
import { isPlayMoney } from '../service/configured.ts';
import { findInvoice, findInvoices, presentInvoice, writeInvoice } from '../service/invoices.ts';
import { issueDue } from '../service/issuing.ts';
import { findStatements, periodOf, writeStatement, type Download } from '../service/statements.ts';

export function paperRoutes(door: Door, transact: Transact, processor: Processor | null): void {
  door(listInvoices, async ({ em, me, query }) => {
    // Whoever looks a moment after he paid finds the invoice already.
    await issueDue(transact, isPlayMoney(processor));
    return findInvoices(em, me, query);
  });
  door(getInvoice, async ({ em, me, params }) => ({
    invoice: presentInvoice(await findInvoice(em, me, params.invoiceId)),
  }));
  door(getInvoicePdf, async ({ c, em, me, params, limits }) =>
    fileOf(c, await writeInvoice(em, me, params.invoiceId, () => limits.spend('drawing.person', me))),
  );
  door(getStatements, async ({ em, me, query }) => ({
    items: await findStatements(em, me, await periodOf(em, query)),
    nextCursor: null,
  }));
  door(downloadStatement, async ({ c, em, me, query, limits }) => {
    if (query.format === 'pdf') await limits.spend('drawing.person', me);
    return fileOf(
      c,
      await writeStatement(em, { userId: me, name: await nameOf(em, me) }, isPlayMoney(processor), query),
    );
  });
}

async function nameOf(em: Em, userId: string): Promise<string> {
  const row = await queryOne<{ name: string }>(em, 'select display_name as name from profiles where user_id = $1', [
    userId,
  ]);
  return row?.name ?? '';
}

function fileOf(c: HttpContext, { name, type, bytes }: Download): Response {
  return c.body(new Uint8Array(bytes), 200, {
    'content-type': type,
    'content-disposition': `attachment; filename="${name}"`,
    'x-content-type-options': 'nosniff',
  });
}
