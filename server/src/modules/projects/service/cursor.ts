import { refuseField } from '@safesend/shared/failure.ts';
import { id as uuid } from '@safesend/shared/ids.ts';
import { moment } from '@safesend/shared/values.ts';

/** Where a list of projects goes on: after this one, as the activity stood when the first page was read. */
export interface ListPosition {
  readonly asOf: string;
  readonly lastEventAt: string;
  readonly id: string;
}

export function writeCursor({ asOf, lastEventAt, id }: ListPosition): string {
  return Buffer.from([asOf, lastEventAt, id].join(' ')).toString('base64url');
}

export function readCursor(cursor: string): ListPosition {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const [, asOf = '', lastEventAt = '', id = ''] = /^(\S{24}) (\S{24}) ([0-9a-f-]{36})$/.exec(text) ?? [];
  const isOurs = [asOf, lastEventAt].every((it) => moment.safeParse(it).success) && uuid.safeParse(id).success;
  if (!isOurs) {
    throw refuseField('invalid', 'cursor', 'This is not a cursor of this list.');
  }
  return { asOf, lastEventAt, id };
}
