import { z } from 'zod';
import { commandId, id } from '../ids.ts';
import { moment } from '../values.ts';
import { maxBodyLength } from './limits.ts';

export { maxBodyLength, maxReactions } from './limits.ts';

/** Kept as it was written; in characters, not in the halves that an emoji takes. */
export const messageBody = z
  .string()
  .refine((text) => /\S/.test(text), 'Write something.')
  .refine((text) => text.length <= maxBodyLength || [...text].length <= maxBodyLength, {
    message: `Write at most ${maxBodyLength.toLocaleString('en')} characters.`,
  })
  .meta({ minLength: 1, maxLength: maxBodyLength });

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
/** One emoji, however many code points it takes. */
export const emoji = z
  .emoji()
  .max(32)
  .refine((text) => [...graphemes.segment(text)].length === 1, 'Use one emoji.');

export const fileCitation = z.strictObject({ fileId: id, version: z.int().positive() });
export type FileCitation = z.infer<typeof fileCitation>;

export const message = z.strictObject({
  id,
  authorId: id,
  /** Markdown; null once deleted. */
  body: z.string().nullable(),
  replyTo: id.nullable(),
  files: z.array(fileCitation),
  /** User ids of members who were named with `@username`. */
  mentions: z.array(id),
  reactions: z.array(z.strictObject({ emoji: z.string(), userIds: z.array(id) })),
  createdAt: moment,
  editedAt: moment.nullable(),
  deletedAt: moment.nullable(),
});
export type Message = z.infer<typeof message>;

export const newMessage = z.strictObject({
  commandId: commandId.optional(),
  body: messageBody,
  replyTo: id.nullish(),
  files: z.array(fileCitation).max(50).optional(),
});
export type NewMessage = z.infer<typeof newMessage>;

export const messageEdit = z.strictObject({ commandId: commandId.optional(), body: messageBody });
export type MessageEdit = z.infer<typeof messageEdit>;
