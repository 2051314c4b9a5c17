import { about, type Rule } from './rule.ts';
import { notTheirs } from './verdicts.ts';

/** None of the people of the policy is an administrator. */
export const admin: readonly Rule[] = about(
  'nothing',
  ['GET /admin/storage', notTheirs],
  ['GET /admin/mails', notTheirs],
  ['GET /admin/mails/{mailId}', notTheirs],
  ['POST /admin/mails/{mailId}/delivery', notTheirs],
  ['GET /admin/support-tickets', notTheirs],
  ['PUT /admin/support-tickets/{ticketId}/answer', notTheirs],
  ['DELETE /admin/support-tickets/{ticketId}/answer', notTheirs],
);
