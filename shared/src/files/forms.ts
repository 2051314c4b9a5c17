import { z } from 'zod';
import { instant } from '../values.ts';
import { shareLinkDays } from './limits.ts';

/** What people fill in: the page judges it by the schema the server enforces. */

export const sharePassword = z.string().min(8).max(200);

export const newShareLink = z
  .strictObject({
    version: z.int().positive().optional(),
    expiresAt: instant.optional(),
    /** From now on by the server's clock: whose own is wrong gets a link that works all the same. */
    days: z.int().min(1).max(shareLinkDays).optional(),
    password: sharePassword.optional(),
  })
  .refine(({ expiresAt, days }) => (expiresAt === undefined) !== (days === undefined), {
    path: ['expiresAt'],
    message: 'Give either expiresAt or days.',
  });
