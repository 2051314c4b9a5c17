import { getKeptMail, getStorageReport, listMails, sendMailAgain } from '@safesend/shared/admin/calls.ts';
import { Reply, type Door } from '../../kernel/http.ts';
import { presentKeptText, presentQueued } from './present.ts';
import * as mails from './service/mails.ts';
import { reportStorage, type StorageSetup } from './service/storage.ts';

export function adminRoutes(door: Door, setup: StorageSetup & mails.MailSetup): void {
  door(getStorageReport, ({ em, me }) => reportStorage(em, me, setup));
  door(listMails, ({ em, me, query }) => mails.findMails(em, me, setup, query));
  door(getKeptMail, async ({ em, me, params }) => ({
    mail: presentKeptText(await mails.findKeptMail(em, me, setup, params.mailId)),
  }));
  door(sendMailAgain, ({ transact, params }) =>
    transact(
      (tx) => mails.sendMailAgain(tx, setup, params.mailId),
      ({ result }) => new Reply(201, { mail: presentQueued(result) }),
    ),
  );
}
