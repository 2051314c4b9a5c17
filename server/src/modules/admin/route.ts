import * as calls from '@safesend/shared/admin/calls.ts';
import { Reply, type Asked, type Door } from '../../kernel/http.ts';
import { presentKeptText, presentQueued } from './present.ts';
import * as mails from './service/mails.ts';
import * as support from './service/support.ts';
import { reportStorage, type StorageSetup } from './service/storage.ts';

export function adminRoutes(door: Door, setup: StorageSetup & mails.MailSetup): void {
  door(calls.getStorageReport, ({ em, me }) => reportStorage(em, me, setup));
  door(calls.listMails, ({ em, me, query }) => mails.findMails(em, me, setup, query));
  door(calls.getKeptMail, async ({ em, me, params }) => ({
    mail: presentKeptText(await mails.findKeptMail(em, me, setup, params.mailId)),
  }));
  door(calls.sendMailAgain, ({ transact, params }) =>
    transact(
      (tx) => mails.sendMailAgain(tx, setup, params.mailId),
      ({ result }) => new Reply(201, { mail: presentQueued(result) }),
    ),
  );
  door(calls.listSupportTickets, ({ em, me, query }) => support.findTickets(em, me, query));
  door(calls.markAnswered, ({ transact, params }) => mark(transact, params.ticketId, true));
  door(calls.markUnanswered, ({ transact, params }) => mark(transact, params.ticketId, false));
}

const mark = (transact: Asked<typeof calls.markAnswered>['transact'], id: string, isAnswered: boolean) =>
  transact(
    (tx) => support.markTicket(tx, id, isAnswered),
    () => null,
  );
