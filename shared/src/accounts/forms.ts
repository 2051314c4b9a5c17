import { z } from 'zod';
import { instant, line, prose } from '../values.ts';
import { passwordWeakness } from './password.ts';
import { accountRole, displayName, email, password, timeZone, tokenScope, username } from './user.ts';

/** What people fill in: the page judges it by the schema the server enforces. */

export const token = z.string().min(1).max(200);
/** A password as it is typed: one that is only compared may be weak. */
export const anyPassword = z.string().max(200);

/** Who may open an account: anybody, or people with an invitation. */
export const registrationMode = z.enum(['open', 'invitation-only']);
export type RegistrationMode = z.infer<typeof registrationMode>;

export const registration = z
  .strictObject({
    email,
    username,
    password,
    displayName,
    role: accountRole,
    timeZone: timeZone.optional(),
    /** The token of an invitation: the way in where registration is by invitation only. */
    invitation: token.optional(),
  })
  .superRefine((person, context) => {
    if (passwordWeakness(person.password, [])) return;
    const weakness = passwordWeakness(person.password, [person.email, person.username, person.displayName]);
    if (weakness) context.addIssue({ code: 'custom', path: ['password'], message: weakness });
  });
export type Registration = z.infer<typeof registration>;

export const credentials = z.strictObject({
  email: z.string().max(254),
  password: anyPassword,
  code: z.string().max(40).optional(),
});

export const passwordResetRequest = z.strictObject({ email });

export const passwordReset = z.strictObject({ token, password });

export const passwordChange = z.strictObject({ currentPassword: anyPassword, password });

export const emailChange = z.strictObject({ password: anyPassword, email });

export const supportRequest = z.strictObject({ email, subject: line(1, 120), body: prose(1, 5_000) });

export const newApiToken = z.strictObject({
  name: line(1, 80),
  scopes: z.array(tokenScope).min(1).max(3),
  expiresAt: instant.optional(),
});
