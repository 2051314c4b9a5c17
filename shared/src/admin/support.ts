import { z } from 'zod';
import { person } from '../accounts/user.ts';
import { id } from '../ids.ts';
import { moment, page, pageQuery } from '../values.ts';

export const supportTicket = z.strictObject({
  id,
  /** Where the answer goes; whoever wrote may have mistyped it. */
  email: z.string(),
  /** Who was signed in. */
  person: person.nullable(),
  subject: z.string(),
  body: z.string(),
  at: moment,
  answeredAt: moment.nullable(),
});
export type SupportTicket = z.infer<typeof supportTicket>;

export const supportQuery = z.strictObject({ ...pageQuery, state: z.enum(['open', 'answered']) });

export const supportPage = z.strictObject({ ...page(supportTicket).shape, open: z.int().min(0) });
export type SupportPage = z.infer<typeof supportPage>;
