import { z } from 'zod';
import { id } from '../ids.ts';
import { moment, page, pageQuery } from '../values.ts';

/**
 * `kept`: there is no mail server, the mail lies in the data folder's outbox; `waiting`: it is still to be sent; `given_up`:
 * it was tried for days, and is tried no more.
 */
export const mailState = z.enum(['kept', 'waiting', 'given_up']);
export type MailState = z.infer<typeof mailState>;

export const adminMail = z.strictObject({
  id,
  state: mailState,
  /** Null when it cannot be read here: an older version kept it, or a process with another key gave it up. */
  to: z.string().nullable(),
  subject: z.string().nullable(),
  at: moment,
  attempts: z.int().min(0),
  nextTryAt: moment.nullable(),
  /** The code of the fault at the last try, never the other side's words. */
  reason: z.string().nullable(),
});
export type AdminMail = z.infer<typeof adminMail>;

export const mailQuery = z.strictObject({ ...pageQuery, state: mailState });

export const mailPage = z.strictObject({
  ...page(adminMail).shape,
  delivery: z.enum(['outbox', 'smtp']),
  /** Of all of them, not of this page. */
  waiting: z.int().min(0),
  givenUp: z.int().min(0),
});
export type MailPage = z.infer<typeof mailPage>;

export const keptMail = z.strictObject({ id, to: z.string(), subject: z.string(), at: moment, text: z.string() });
export type KeptMail = z.infer<typeof keptMail>;
