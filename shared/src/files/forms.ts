import { z } from 'zod';
import { moment } from '../values.ts';

/** What people fill in: the page judges it by the schema the server enforces. */

export const sharePassword = z.string().min(8).max(200);

export const newShareLink = z.strictObject({
  version: z.int().positive().optional(),
  expiresAt: moment,
  password: sharePassword.optional(),
});
