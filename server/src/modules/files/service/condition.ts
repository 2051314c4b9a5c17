import { queryOne, type Em } from '../../../kernel/sql.ts';

/** Bytes are read again and compared with their hash once in so many days. */
export const verifyEveryDays = 7;
/** A round is made every few minutes: what waits longer than this says that none are made, or that there is too much. */
const graceDays = 1;

/** What operators want to know of the stored bytes. */
export interface StoredCondition {
  readonly objects: number;
  readonly bytes: number;
  /** The oldest look at any of them; null while there is none. */
  readonly oldestCheckAt: Date | null;
  /** Not looked at for longer than is promised. */
  readonly overdue: number;
  /** Changed or gone: they are served to nobody, and have to come from a backup. */
  readonly damaged: number;
}

export async function findCondition(em: Em): Promise<StoredCondition> {
  const row = await queryOne<StoredCondition>(
    em,
    `select count(*)::float8 as objects, coalesce(sum(size), 0)::float8 as bytes, min(verified_at) as "oldestCheckAt",
       count(*) filter (where verified_at < product_now() - make_interval(days => $1))::float8 as overdue,
       count(*) filter (where damaged_at is not null)::float8 as damaged
     from file_objects`,
    [verifyEveryDays + graceDays],
  );
  return row ?? { objects: 0, bytes: 0, oldestCheckAt: null, overdue: 0, damaged: 0 };
}
