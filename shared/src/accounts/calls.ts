import { z } from 'zod';
import { call } from '../call.ts';
import { id } from '../ids.ts';
import {
  anyPassword,
  credentials,
  emailChange,
  newApiToken,
  passwordChange,
  passwordReset,
  passwordResetRequest,
  registration,
  registrationMode,
  supportRequest,
  token,
} from './forms.ts';
import { apiToken, email, person, profileChange, session, user, username } from './user.ts';

const signedIn = z.strictObject({ user, inboxRoomId: id });

export const getRegistration = call({
  method: 'get',
  path: '/auth/registration',
  summary: 'Who may open an account here',
  access: 'public',
  answers: { 200: z.strictObject({ mode: registrationMode }) },
});
export const register = call({
  method: 'post',
  path: '/auth/register',
  summary: 'Open an account and sign in',
  access: 'public',
  body: registration,
  answers: { 201: signedIn },
  command: 'optional',
});
export const login = call({
  method: 'post',
  path: '/auth/login',
  summary: 'Sign in with e-mail and password',
  access: 'public',
  body: credentials,
  answers: { 200: signedIn },
});
export const useLink = call({
  method: 'post',
  path: '/auth/link',
  summary: 'Sign in with a one-time link',
  access: 'public',
  body: z.strictObject({ token }),
  answers: { 200: signedIn },
});
export const logout = call({
  method: 'post',
  path: '/auth/logout',
  summary: 'Sign out here',
  access: 'session',
  answers: { 204: null },
});
export const me = call({
  method: 'get',
  path: '/auth/me',
  summary: 'The signed-in account',
  access: 'read',
  answers: { 200: signedIn },
});
export const getProfile = call({
  method: 'get',
  path: '/auth/profile',
  summary: 'My profile',
  access: 'read',
  answers: { 200: z.strictObject({ user }) },
});
export const changeProfile = call({
  method: 'patch',
  path: '/auth/profile',
  summary: 'Change my profile',
  access: 'write',
  body: profileChange,
  answers: { 200: z.strictObject({ user }) },
  command: 'optional',
});
const availability = z.strictObject({ available: z.boolean() });
export const checkEmail = call({
  method: 'get',
  path: '/auth/check-email',
  summary: 'Is this address free?',
  access: 'public',
  query: z.strictObject({ email }),
  answers: { 200: availability },
});
export const checkUsername = call({
  method: 'get',
  path: '/auth/check-username',
  summary: 'Is this username free?',
  access: 'public',
  query: z.strictObject({ username }),
  answers: { 200: availability },
});
export const verifyEmail = call({
  method: 'post',
  path: '/auth/verification',
  summary: 'Confirm an address with the token from the mail',
  access: 'public',
  body: z.strictObject({ token }),
  answers: { 204: null },
});
export const resendVerification = call({
  method: 'post',
  path: '/auth/verification/delivery',
  summary: 'Send the verification mail again',
  access: 'session',
  answers: { 204: null },
});
export const requestPasswordReset = call({
  method: 'post',
  path: '/auth/password-reset',
  summary: 'Ask for a password reset mail (the answer is the same for unknown addresses)',
  access: 'public',
  body: passwordResetRequest,
  answers: { 204: null },
});
export const lookUpPasswordReset = call({
  method: 'post',
  path: '/auth/password-reset/lookup',
  summary: 'Does the token from the mail still set a password? Nothing is used up by asking',
  access: 'public',
  body: z.strictObject({ token }),
  answers: { 204: null },
});
export const resetPassword = call({
  method: 'post',
  path: '/auth/password-reset/completion',
  summary: 'Set a new password with the token from the mail; ends every session',
  access: 'public',
  body: passwordReset,
  answers: { 204: null },
});
export const changePassword = call({
  method: 'put',
  path: '/auth/password',
  summary: 'Change my password; ends every other session',
  access: 'session',
  body: passwordChange,
  answers: { 204: null },
});
export const changeEmail = call({
  method: 'put',
  path: '/auth/email',
  summary: 'Ask for another address; it takes the place of mine when the link mailed to it is opened',
  access: 'session',
  body: emailChange,
  answers: { 204: null },
});
export const cancelEmailChange = call({
  method: 'delete',
  path: '/auth/email',
  summary: 'Keep my address: the link mailed to the other one opens nothing any more',
  access: 'session',
  answers: { 204: null },
});
export const reauthenticate = call({
  method: 'post',
  path: '/auth/reauthentication',
  summary: 'Confirm the password for a sensitive step',
  access: 'session',
  body: z.strictObject({ password: anyPassword }),
  answers: { 204: null },
});
export const listSessions = call({
  method: 'get',
  path: '/auth/sessions',
  summary: 'Where I am signed in',
  access: 'session',
  answers: { 200: z.strictObject({ items: z.array(session), nextCursor: z.string().nullable() }) },
});
export const endSession = call({
  method: 'delete',
  path: '/auth/sessions/{sessionId}',
  summary: 'Sign out one place',
  access: 'session',
  params: z.strictObject({ sessionId: id }),
  answers: { 204: null },
});
export const endOtherSessions = call({
  method: 'delete',
  path: '/auth/sessions',
  summary: 'Sign out everywhere else',
  access: 'session',
  answers: { 204: null },
});
export const createApiToken = call({
  method: 'post',
  path: '/api-tokens',
  summary: 'Make an API token; the secret is shown once',
  access: 'session',
  body: newApiToken,
  answers: { 201: z.strictObject({ apiToken, token: z.string() }) },
  command: 'optional',
});
export const listApiTokens = call({
  method: 'get',
  path: '/api-tokens',
  summary: 'My API tokens',
  access: 'session',
  answers: { 200: z.strictObject({ items: z.array(apiToken), nextCursor: z.string().nullable() }) },
});
export const revokeApiToken = call({
  method: 'delete',
  path: '/api-tokens/{apiTokenId}',
  summary: 'Revoke an API token',
  access: 'session',
  params: z.strictObject({ apiTokenId: id }),
  answers: { 204: null },
});
export const listBlocks = call({
  method: 'get',
  path: '/me/blocks',
  summary: 'People I blocked',
  access: 'read',
  answers: { 200: z.strictObject({ items: z.array(person), nextCursor: z.string().nullable() }) },
});
const blockParams = z.strictObject({ userId: id });
export const block = call({
  method: 'put',
  path: '/me/blocks/{userId}',
  summary: 'Block a person I share a room with: no direct messages either way',
  access: 'write',
  params: blockParams,
  answers: { 204: null },
});
export const unblock = call({
  method: 'delete',
  path: '/me/blocks/{userId}',
  summary: 'Lift a block',
  access: 'write',
  params: blockParams,
  answers: { 204: null },
});
export const askSupport = call({
  method: 'post',
  path: '/support',
  summary: 'Write to the people who run this installation',
  access: 'public',
  body: supportRequest,
  answers: { 204: null },
});
