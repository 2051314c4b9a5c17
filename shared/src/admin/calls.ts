import { z } from 'zod';
import { call } from '../call.ts';
import { id } from '../ids.ts';
import { moment } from '../values.ts';
import { adminMail, keptMail, mailPage, mailQuery } from './mail.ts';
import { supportPage, supportQuery } from './support.ts';

/** What an operator wants to know of the files of an installation: never whose, nor their names. */
export const storageReport = z.strictObject({
  store: z.enum(['fs', 's3']),
  /** `none`: no scanner is set up, nothing is scanned; `away`: one is, and does not answer, so that uploads wait. */
  scanner: z.enum(['none', 'answers', 'away']),
  objects: z.int().min(0),
  bytes: z.int().min(0),
  /** Every object is compared with its hash once in so many days. */
  verifyEveryDays: z.int().positive(),
  /** The oldest of these looks; null while there is nothing. */
  oldestCheckAt: moment.nullable(),
  /** Not looked at for longer than that, and a day more. */
  overdue: z.int().min(0),
  /** Not what was dropped: served to nobody until they come back from a backup. */
  damaged: z.int().min(0),
});
export type StorageReport = z.infer<typeof storageReport>;

export const getStorageReport = call({
  method: 'get',
  path: '/admin/storage',
  summary: 'Stored files, their verification, and the malware scanner; for administrators',
  access: 'session',
  answers: { 200: storageReport },
});

const ofMail = z.strictObject({ mailId: id });

export const listMails = call({
  method: 'get',
  path: '/admin/mails',
  summary: 'Mails that wait, were given up, or are kept because there is no mail server; for administrators',
  access: 'session',
  query: mailQuery,
  answers: { 200: mailPage },
});
export const getKeptMail = call({
  method: 'get',
  path: '/admin/mails/{mailId}',
  summary: 'The text of a mail that is kept because there is no mail server; for administrators',
  access: 'session',
  params: ofMail,
  answers: { 200: z.strictObject({ mail: keptMail }) },
});
export const sendMailAgain = call({
  method: 'post',
  path: '/admin/mails/{mailId}/delivery',
  summary: 'Try a mail that was given up from the beginning; for administrators',
  access: 'session',
  params: ofMail,
  answers: { 201: z.strictObject({ mail: adminMail }) },
  command: 'optional',
});

const ofTicket = z.strictObject({ ticketId: id });

export const listSupportTickets = call({
  method: 'get',
  path: '/admin/support-tickets',
  summary: 'What people asked of support, the newest first; for administrators',
  access: 'session',
  query: supportQuery,
  answers: { 200: supportPage },
});
export const markAnswered = call({
  method: 'put',
  path: '/admin/support-tickets/{ticketId}/answer',
  summary: 'Say that a support request is answered; for administrators',
  access: 'session',
  params: ofTicket,
  answers: { 204: null },
});
export const markUnanswered = call({
  method: 'delete',
  path: '/admin/support-tickets/{ticketId}/answer',
  summary: 'Say that a support request is not answered after all; for administrators',
  access: 'session',
  params: ofTicket,
  answers: { 204: null },
});
