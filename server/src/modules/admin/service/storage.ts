import type { StorageReport } from '@safesend/shared/admin/calls.ts';
import type { Scanner } from '../../../kernel/ports/scanner.ts';
import type { Em } from '../../../kernel/sql.ts';
import { findCondition, verifyEveryDays } from '../../files/service/condition.ts';
import { accessAdmin } from '../access.ts';

export interface StorageSetup {
  readonly store: StorageReport['store'];
  readonly scanner: Scanner | null;
}

/** The scanner is asked now: that one is set up does not mean that one is there. */
export async function reportStorage(em: Em, userId: string, { store, scanner }: StorageSetup): Promise<StorageReport> {
  await accessAdmin(em, userId);
  const { oldestCheckAt, ...condition } = await findCondition(em);
  const answers = scanner && (await scanner.isThere());
  return {
    ...condition,
    store,
    scanner: answers === null ? 'none' : answers ? 'answers' : 'away',
    verifyEveryDays,
    oldestCheckAt: oldestCheckAt && new Date(oldestCheckAt).toISOString(),
  };
}
