import { z } from 'zod';

export { newId } from './new-id.ts';

/** A UUID in canonical lower case, so that one thing never has two names. */
export const id = z.guid().toLowerCase();

/** Client-made name of one command, kept before it is sent: 1–255 printable characters, unique per actor for ever. */
export const commandId = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/, 'Use 1 to 255 printable characters.');
