import { about, type Rule } from './rule.ts';
import { open, reads, writes, inBrowser, membersWrite } from './verdicts.ts';

/** People, how they sign in, and what is theirs alone. */
export const accounts: readonly Rule[] = [
  ...about(
    'nothing',
    ['GET /auth/registration', open],
    ['POST /auth/register', open],
    ['POST /auth/login', open],
    ['POST /auth/link', open],
    ['POST /auth/verification', open],
    ['POST /auth/password-reset', open],
    ['POST /auth/password-reset/completion', open],
    ['POST /support', open],
    ['GET /auth/check-email', open],
    ['GET /auth/check-username', open],
    ['POST /auth/passkey-sign-in', open],
    ['POST /auth/passkey-sign-in/challenge', open],
    ['POST /auth/logout', inBrowser],
    ['POST /auth/verification/delivery', inBrowser],
    ['POST /auth/reauthentication', inBrowser],
    ['POST /auth/reauthentication/challenge', inBrowser],
    ['POST /auth/reauthentication/passkey', inBrowser],
    ['GET /auth/passkeys', inBrowser],
    ['POST /auth/passkeys', inBrowser],
    ['POST /auth/passkeys/challenge', inBrowser],
    ['PUT /auth/password', inBrowser],
    ['PUT /auth/email', inBrowser],
    ['DELETE /auth/email', inBrowser],
    ['GET /auth/sessions', inBrowser],
    ['DELETE /auth/sessions', inBrowser],
    ['GET /api-tokens', inBrowser],
    ['POST /api-tokens', inBrowser],
    ['GET /auth/me', reads],
    ['GET /auth/profile', reads],
    ['PATCH /auth/profile', writes],
    ['GET /me/blocks', reads],
  ),
  ...about('session', ['DELETE /auth/sessions/{sessionId}', inBrowser]),
  ...about('apiToken', ['DELETE /api-tokens/{apiTokenId}', inBrowser]),
  ...about(
    'passkey',
    ['PATCH /auth/passkeys/{passkeyId}', inBrowser],
    ['DELETE /auth/passkeys/{passkeyId}', inBrowser],
  ),
  // People who share a room, or once did, know each other; a direct room needs a project that is shared now.
  ...about(
    'person',
    ['PUT /me/blocks/{userId}', { ...membersWrite, removed: 'ok' }],
    ['DELETE /me/blocks/{userId}', { ...membersWrite, removed: 'ok' }],
  ),
];
