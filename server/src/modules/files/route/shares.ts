import * as calls from '@safesend/shared/files/calls.ts';
import type { Door } from '../../../kernel/http.ts';
import type { Vault } from '../../../kernel/vault.ts';
import { hashPassword } from '../../accounts/service/passwords.ts';
import { recordDownload } from '../service/receipts.ts';
import * as sharing from '../service/sharing.ts';
import { answerVersion, noting, type FilesSetup } from './serving.ts';

export interface SharesSetup extends FilesSetup {
  readonly vault: Vault;
}

export function shareDoors(door: Door, setup: SharesSetup): void {
  const { ownsRoom, vault } = setup;
  door(calls.createShareLink, async ({ params, body: { password, ...body }, transact }) => {
    const passwordHash = password === undefined ? null : await hashPassword(password);
    return transact(
      (tx) => sharing.createShareLink(tx, params.fileId, { ...body, passwordHash }, ownsRoom),
      ({ result }) => result,
    );
  });
  door(calls.listShareLinks, ({ em, me, params, query }) =>
    sharing.findShareLinks(em, me, params.fileId, query, ownsRoom),
  );
  door(calls.revokeShareLink, ({ params, transact }) =>
    transact(
      (tx) => sharing.revokeShareLink(tx, params.shareLinkId, ownsRoom),
      () => null,
    ),
  );
  door(calls.openShareLink, ({ em, body, limits }) => sharing.openShareLink(em, body, vault, limits));
  door(calls.getSharedContent, async ({ c, em, query: { ticket }, transactAs }) => {
    const read = () => sharing.findShared(em.fork(), ticket, vault);
    const { readable, shareLinkId } = await read();
    const ended = noting(setup, (sent) =>
      transactAs({ id: null }, (tx) => recordDownload(tx, readable, { shareLinkId }, sent)),
    );
    return answerVersion(c, setup.storage, readable, { stillMay: read, ended });
  });
}
