import { z } from 'zod';
import { id } from '../ids.ts';
import { nameBesidePlatform } from '../platform.ts';
import { line, moment, prose } from '../values.ts';
import { limits, usernamePattern } from './limits.ts';
import { passwordWeakness } from './password.ts';
import { canonicalTimeZone } from './time-zone.ts';

export { limits } from './limits.ts';

export const accountRole = z.enum(['client', 'freelancer']);
export type AccountRole = z.infer<typeof accountRole>;

/** What operators may add to an account. */
export const grant = z.enum(['mediator', 'admin']);
export type Grant = z.infer<typeof grant>;

export const email = z.email().max(limits.email.max).toLowerCase();
export const username = z
  .string()
  .trim()
  .toLowerCase()
  .min(limits.username.min)
  .max(limits.username.max)
  .regex(usernamePattern, 'Use letters, digits, - and _; begin and end with a letter or digit.');
/**
 * An IANA time zone. Browsers know a place by different names (`Asia/Kolkata`, `Asia/Calcutta`): whichever comes in, one
 * is kept. Offsets such as `+02:00` are no zones: they know no summer.
 */
export const timeZone = z
  .string()
  .max(64)
  .transform((value, context) => {
    const known = canonicalTimeZone(value);
    if (known !== null) return known;
    context.addIssue({ code: 'custom', message: 'Use a time zone such as Europe/Berlin.' });
    return z.NEVER;
  });

/** What stands where the name of somebody stood who closed his account. */
export const closedName = 'Closed account';
export const displayName = nameBesidePlatform(limits.displayName.min, limits.displayName.max);
/** A new password. What the person's own names add to the rule is judged where they are known (`passwordWeakness`). */
export const password = z
  .string()
  .min(limits.password.min, `Use at least ${limits.password.min} characters.`)
  .max(limits.password.max)
  .superRefine((value, context) => {
    const weakness = passwordWeakness(value, []);
    if (weakness) context.addIssue({ code: 'custom', message: weakness });
  });

/** The account as its owner sees it; nobody else ever gets this view. */
export const user = z.strictObject({
  id,
  email: z.string(),
  emailVerifiedAt: moment.nullable(),
  /** The address that takes the place of this one when the link mailed to it is opened. */
  pendingEmail: z.string().nullable().default(null),
  username: z.string(),
  displayName: z.string(),
  role: accountRole,
  grants: z.array(grant),
  headline: z.string(),
  bio: z.string(),
  /** Null until a browser of his said where he is. */
  timeZone: z.string().nullable(),
  /** Names his picture; null when he shows none. */
  avatarId: id.nullable().default(null),
  /** Do others see how far he has read, and he how far they have? */
  readReceipts: z.boolean(),
  createdAt: moment,
});
export type User = z.infer<typeof user>;

/** A person as others in a shared room see him. */
export const person = z.strictObject({ userId: id, username: z.string(), displayName: z.string() });
export type Person = z.infer<typeof person>;

/** What people who share a room with somebody may know of him. */
export const profile = z.strictObject({
  ...person.shape,
  headline: z.string(),
  bio: z.string(),
  timeZone: z.string().nullable(),
  avatarId: id.nullable(),
});
export type Profile = z.infer<typeof profile>;

export const profileChange = z.strictObject({
  displayName: displayName.optional(),
  headline: line(0, limits.headline.max).optional(),
  bio: prose(0, limits.bio.max).optional(),
  timeZone: timeZone.optional(),
  readReceipts: z.boolean().optional(),
});
export type ProfileChange = z.infer<typeof profileChange>;

/** One place where the account is signed in. `id` is a public handle, not the secret. */
export const session = z.strictObject({
  id,
  current: z.boolean(),
  device: z.string(),
  createdAt: moment,
  lastUsedAt: moment,
  expiresAt: moment,
});
export type Session = z.infer<typeof session>;

export const tokenScope = z.enum(['read', 'write', 'money']);
export type TokenScope = z.infer<typeof tokenScope>;

export const apiToken = z.strictObject({
  id,
  name: z.string(),
  scopes: z.array(tokenScope),
  createdAt: moment,
  lastUsedAt: moment.nullable(),
  expiresAt: moment.nullable(),
});
export type ApiToken = z.infer<typeof apiToken>;
