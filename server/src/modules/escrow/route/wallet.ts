import { getWallet, listTransactions } from '@safesend/shared/escrow/calls.ts';
import type { Door } from '../../../kernel/http.ts';
import type { Processor } from '../../../kernel/ports/processor.ts';
import { findTransactions } from '../service/transactions.ts';
import { findWallet } from '../service/wallet.ts';

export function walletRoutes(door: Door, processor: Processor | null): void {
  door(getWallet, ({ em, me }) => findWallet(em, me, processor));
  door(listTransactions, ({ em, me, query }) => findTransactions(em, me, query));
}
