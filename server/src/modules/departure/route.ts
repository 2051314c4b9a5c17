import { Readable } from 'node:stream';
import { closeAccount, exportAccount } from '@safesend/shared/accounts/departure-calls.ts';
import type { Door } from '../../kernel/http.ts';
import type { Processor } from '../../kernel/ports/processor.ts';
import { closeMine } from './service/closing.ts';
import { writeExport } from './service/exporting.ts';

/** What a person takes along, and how he goes. */
export function departureRoutes(door: Door, processor: Processor | null): void {
  door(exportAccount, async ({ c, em, me, limits }) => {
    await limits.spend('export.person', me);
    const cut = () => void c.env.outgoing.destroy();
    // A document that breaks off must not look whole.
    const document = Readable.from(writeExport(em, me, processor)).on('error', cut);
    return c.body(Readable.toWeb(document) as ReadableStream, 200, {
      'content-type': 'application/json; charset=utf-8',
      'content-disposition': 'attachment; filename="safesend-account.json"',
      'cache-control': 'private, no-store',
      'x-content-type-options': 'nosniff',
    });
  });
  door(closeAccount, ({ identity, transact }) =>
    transact(
      (tx) => closeMine(tx, identity?.credentialKey ?? null, processor),
      () => null,
    ),
  );
}
