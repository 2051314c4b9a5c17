import type { FailureCode } from '@safesend/shared/failure.ts';

/**
 * Who asks. The project is an active one of a client (`owner`) with a freelancer (`party`, the other money party), one
 * more client (`member`), somebody who is invited and has not answered, and somebody who was removed. Both tokens are
 * the owner's: one with the scope `read`, one with `read` and `write`.
 */
export const actors = [
  'anonymous',
  'stranger',
  'invitee',
  'removed',
  'member',
  'party',
  'owner',
  'readToken',
  'writeToken',
] as const;
export type Actor = (typeof actors)[number];

export const projectStates = ['draft', 'active', 'completed', 'cancelled', 'deleted'] as const;
export type ProjectState = (typeof projectStates)[number];

/** What the ids in a path or payload name. Things of `nothing` are the caller's own, whoever he is in a project. */
export type Subject =
  | 'nothing'
  | 'session'
  | 'apiToken'
  | 'upload'
  | 'person'
  | 'project'
  | 'room'
  | 'message'
  | 'file'
  | 'shareLink'
  | 'milestone'
  | 'invitation';

export type Verdict = 'ok' | FailureCode;
type Verdicts = Readonly<Record<Actor, Verdict>>;

export interface Rule {
  /** An HTTP method with its path, or a socket event. */
  readonly door: string;
  readonly subject: Subject;
  /** In an active project; a door that has two meanings says which one by `when`. */
  readonly verdicts: Verdicts;
  /** Tokens need the scope `money`; neither of the owner's has it. */
  readonly scope?: 'money';
  readonly when?: string;
  readonly inState?: Partial<Record<ProjectState, Partial<Verdicts>>>;
}

const open: Verdicts = {
  anonymous: 'ok',
  stranger: 'ok',
  invitee: 'ok',
  removed: 'ok',
  member: 'ok',
  party: 'ok',
  owner: 'ok',
  readToken: 'ok',
  writeToken: 'ok',
};
const reads: Verdicts = { ...open, anonymous: 'unauthenticated' };
const writes: Verdicts = { ...reads, readToken: 'forbidden' };
const noPaper: Verdicts = {
  ...{ anonymous: 'unauthenticated', stranger: 'missing', invitee: 'missing', removed: 'missing', member: 'missing' },
  ...{ party: 'missing', owner: 'missing', readToken: 'missing', writeToken: 'missing' },
};
const inBrowser: Verdicts = { ...writes, writeToken: 'forbidden' };

// A stranger cannot tell a forbidden thing from a missing one (L6).
const outside = { stranger: 'missing', invitee: 'missing', removed: 'missing' } as const;
const membersRead: Verdicts = { ...reads, ...outside };
const membersWrite: Verdicts = { ...writes, ...outside };
const ownerReads: Verdicts = { ...membersRead, member: 'forbidden', party: 'forbidden' };
const ownerWrites: Verdicts = { ...membersWrite, member: 'forbidden', party: 'forbidden' };
/** Once work has begun the plan is the client's side alone. */
const clientWrites: Verdicts = { ...membersWrite, party: 'forbidden' };
/** The message in question is the party's. */
const authorWrites: Verdicts = { ...membersWrite, member: 'forbidden', owner: 'forbidden', writeToken: 'forbidden' };
const uploaderWrites: Verdicts = { ...membersWrite, member: 'missing', party: 'missing' };
/** The file is the party's; the owner may change every one. */
const dropperWrites: Verdicts = { ...membersWrite, member: 'forbidden' };
const dropperSharesInBrowser: Verdicts = { ...dropperWrites, writeToken: 'forbidden' };
/** Who may change the file sees its links, and who got it. */
const dropperReads: Verdicts = { ...membersRead, member: 'forbidden' };
const inviteeWrites: Verdicts = {
  ...writes,
  stranger: 'missing',
  removed: 'missing',
  member: 'forbidden',
  party: 'forbidden',
  owner: 'forbidden',
  writeToken: 'forbidden',
};

const gone: Partial<Verdicts> = {
  ...outside,
  member: 'missing',
  party: 'missing',
  owner: 'missing',
  writeToken: 'missing',
};
const goneToReaders: Partial<Verdicts> = { ...gone, readToken: 'missing' };
const ownerTooLate: Partial<Verdicts> = { owner: 'conflict', writeToken: 'conflict' };
const clientsTooLate: Partial<Verdicts> = { ...ownerTooLate, member: 'conflict' };

const readable = { deleted: goneToReaders };
const writable = { deleted: gone };
/** In a draft the member stands in for the party, who is not there yet. */
const dropperWritable = { ...writable, draft: { member: 'ok' } } as const;
const dropperSharable = { ...dropperWritable, deleted: { ...gone, writeToken: 'forbidden' } } as const;
const dropperReadable = { ...readable, draft: { member: 'ok' } } as const;
const ownerWhileOpen = { completed: ownerTooLate, cancelled: ownerTooLate, deleted: gone };
const clientsWhileOpen = { completed: clientsTooLate, cancelled: clientsTooLate, deleted: gone };
/** The end of a project takes its invitations back. */
const inviteeWhileOpen = {
  completed: { invitee: 'conflict' },
  cancelled: { invitee: 'conflict' },
  deleted: gone,
} as const;

/** The milestone in question is planned: its money parties may ask, but nothing of it is theirs to do yet. */
const clientTooSoon: Verdicts = { ...clientWrites, ...ownerTooLate, member: 'forbidden' };
const partyTooSoon: Verdicts = { ...ownerWrites, owner: 'forbidden', writeToken: 'forbidden', party: 'conflict' };
const bothTooSoon: Verdicts = { ...ownerWrites, ...ownerTooLate, party: 'conflict' };
const withMoney = (verdicts: Verdicts): Verdicts => ({ ...verdicts, writeToken: 'forbidden' });
const everybody = (verdict: Verdict): Verdicts => ({
  ...{ anonymous: verdict, stranger: verdict, invitee: verdict, removed: verdict, member: verdict, party: verdict },
  ...{ owner: verdict, readToken: verdict, writeToken: verdict },
});
const nobodys = everybody('missing');
const tokensRefused = { anonymous: 'unauthenticated', readToken: 'forbidden', writeToken: 'forbidden' } as const;
const notTheirs: Verdicts = { ...nobodys, ...tokensRefused };
const unsigned = everybody('malformed');
const withoutAccount: Verdicts = { ...everybody('conflict'), ...tokensRefused };
/** A fresh person has not proven his address. */
const unproven: Verdicts = { ...everybody('email_unverified'), ...tokensRefused };
const goneFromMoney: Partial<Verdicts> = { ...gone, writeToken: 'forbidden' };
const moneyWritable = { deleted: goneFromMoney };

type Shorthand = readonly [door: string, verdicts: Verdicts, inState?: Rule['inState'], when?: string];
const about = (subject: Subject, ...rules: readonly Shorthand[]): Rule[] =>
  rules.map(([door, verdicts, inState, when]) => ({
    subject,
    door: /^[A-Z]/.test(door) ? door.replace(' ', ' /api/v1') : door,
    verdicts,
    ...(inState && { inState }),
    ...(when && { when }),
  }));

/** The one answer to "who may do what": every HTTP call and every socket event of the product, and nothing else. */
export const policy: readonly Rule[] = [
  ...[
    'GET /healthz',
    'GET /readyz',
    'GET /metrics',
    'GET /api/docs',
    'GET /api/docs/{asset}',
    'GET /api/v1/openapi.json',
  ].map((door): Rule => ({ door, subject: 'nothing', verdicts: open })),
  ...about(
    'nothing',
    // Operators switch this one on for tests alone; it answers this machine only.
    ['POST /test/clock', open],
    // What they open is in what is sent with them.
    ['POST /shared-files/lookup', open],
    ['GET /shared-files/content', open],
    ['POST /auth/register', open],
    ['POST /auth/login', open],
    ['POST /auth/link', open],
    ['POST /auth/verification', open],
    ['POST /auth/password-reset', open],
    ['POST /auth/password-reset/completion', open],
    ['POST /invitations/lookup', open],
    ['POST /support', open],
    ['GET /auth/check-email', open],
    ['GET /auth/check-username', open],
    ['POST /auth/logout', inBrowser],
    ['POST /auth/verification/delivery', inBrowser],
    ['POST /auth/reauthentication', inBrowser],
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
    ['PUT /me/avatar', writes],
    // One's own; whose else one sees follows the rooms that are shared, not a project.
    ['GET /avatars/{avatarId}', reads],
    ['DELETE /me/avatar', writes],
    ['GET /me/blocks', reads],
    ['GET /dashboard', reads],
    ['GET /wallet', reads],
    ['GET /transactions', reads],
    ['GET /invoices', reads],
    // Papers are issued of money that moved; nobody here has one yet, and there is no other than one's own.
    ['GET /invoices/{invoiceId}', noPaper],
    ['GET /invoices/{invoiceId}/pdf', noPaper],
    ['GET /statements', reads],
    ['GET /statements/download', reads],
    ['GET /notifications', reads],
    ['PUT /notifications/read', writes],
    ['GET /invitations', reads],
    ['OPTIONS /uploads', open],
    ['GET /files', reads],
    ['GET /rooms', reads],
    ['GET /projects', reads],
    ['POST /projects', writes],
  ),
  ...about('session', ['DELETE /auth/sessions/{sessionId}', inBrowser]),
  ...about('apiToken', ['DELETE /api-tokens/{apiTokenId}', inBrowser]),
  // People who share a room, or once did, know each other; a direct room needs a project that is shared now.
  ...about(
    'person',
    ['PUT /me/blocks/{userId}', { ...membersWrite, removed: 'ok' }],
    ['DELETE /me/blocks/{userId}', { ...membersWrite, removed: 'ok' }],
    ['POST /rooms/direct', membersWrite, { deleted: gone }],
  ),
  ...about(
    'project',
    ['GET /projects/{projectId}', membersRead, readable],
    ['GET /projects/{projectId}/export', membersRead, readable],
    ['GET /projects/{projectId}/invitations', ownerReads, readable],
    ['PATCH /projects/{projectId}', ownerWrites, ownerWhileOpen],
    [
      'DELETE /projects/{projectId}',
      { ...ownerWrites, ...ownerTooLate },
      { draft: ownerWrites, cancelled: ownerWrites, completed: ownerTooLate, deleted: gone },
    ],
    ['POST /projects/{projectId}/completion', ownerWrites, { ...ownerWhileOpen, draft: ownerTooLate }],
    ['POST /projects/{projectId}/cancellation', ownerWrites, ownerWhileOpen],
    ['PUT /projects/{projectId}/archive', membersWrite, writable],
    ['DELETE /projects/{projectId}/archive', membersWrite, writable],
    ['POST /projects/{projectId}/invitations', ownerWrites, ownerWhileOpen],
    ['POST /projects/{projectId}/milestones', clientWrites, { ...clientsWhileOpen, draft: membersWrite }],
  ),
  ...about(
    'milestone',
    ['PATCH /milestones/{milestoneId}', clientWrites, { ...clientsWhileOpen, draft: membersWrite }],
    ['POST /milestones/{milestoneId}/cancellation', clientWrites, { ...clientsWhileOpen, draft: membersWrite }],
  ),
  ...about(
    'milestone',
    ['GET /milestones/{milestoneId}', membersRead, readable],
    ['POST /milestones/{milestoneId}/start', partyTooSoon, writable],
    ['POST /milestones/{milestoneId}/submission', partyTooSoon, writable],
    ['POST /milestones/{milestoneId}/changes', clientTooSoon, writable],
    ['POST /milestones/{milestoneId}/changes/proposals', bothTooSoon, writable],
    ['POST /milestones/{milestoneId}/proposals/{hash}/decline', bothTooSoon, writable],
  ),
  ...about(
    'milestone',
    [
      'POST /milestones/{milestoneId}/funding',
      withMoney(ownerWrites),
      {
        draft: { owner: 'conflict' },
        completed: { owner: 'conflict' },
        cancelled: { owner: 'conflict' },
        deleted: goneFromMoney,
      },
    ],
    ['POST /milestones/{milestoneId}/approval', withMoney(clientTooSoon), moneyWritable],
    ['POST /milestones/{milestoneId}/release', withMoney(clientTooSoon), moneyWritable],
    ['POST /milestones/{milestoneId}/refund', withMoney(partyTooSoon), moneyWritable],
    ['POST /milestones/{milestoneId}/cancellation/answer', withMoney(bothTooSoon), moneyWritable],
    ['POST /milestones/{milestoneId}/proposals/{hash}/acceptance', withMoney(bothTooSoon), moneyWritable],
  ).map((rule): Rule => ({ ...rule, scope: 'money' })),
  // A payment is its payer's alone; the one in question is nobody's here.
  ...about('nothing', ['GET /payments/{paymentId}', { ...nobodys, anonymous: 'unauthenticated' }]),
  ...about(
    'nothing',
    ['POST /payments/{paymentId}/retry', notTheirs],
    ['POST /payments/{paymentId}/cancellation', notTheirs],
  ),
  // Cards and payouts are one's own. Those in question are nobody's; who has not set payouts up yet has none to change.
  ...about(
    'nothing',
    ['GET /payment-methods', reads],
    ['POST /payment-methods', withMoney(writes)],
    ['GET /payment-methods/setups/{setupId}', { ...nobodys, anonymous: 'unauthenticated' }],
    ['PUT /payment-methods/{paymentMethodId}/default', notTheirs],
    ['DELETE /payment-methods/{paymentMethodId}', notTheirs],
    ['GET /payout-account', reads],
    ['POST /payout-account/onboarding', unproven],
    ['PUT /payout-account/schedule', withoutAccount],
    ['GET /payouts', reads],
    ['POST /payouts', withoutAccount],
  ),
  // Whoever cannot sign like Stripe is refused, whoever he is.
  ...about(
    'nothing',
    ['POST /webhooks/stripe', unsigned],
    ['POST /webhooks/stripe/connect', unsigned],
    ['POST /webhooks/stripe/thin', unsigned],
  ),
  // Anybody on this machine drives test money, where it is used; it knows no such payment.
  ...about('nothing', ['POST /test/money', nobodys]),
  ...about(
    'invitation',
    ['POST /invitations/{invitationId}/acceptance', inviteeWrites, inviteeWhileOpen],
    ['POST /invitations/{invitationId}/decline', inviteeWrites, inviteeWhileOpen],
    ['POST /invitations/{invitationId}/delivery', ownerWrites, ownerWhileOpen],
    ['DELETE /invitations/{invitationId}', ownerWrites, writable],
  ),
  ...about(
    'room',
    ['GET /rooms/{roomId}', membersRead, readable],
    ['GET /rooms/{roomId}/events', membersRead, readable],
    ['GET /rooms/{roomId}/members', membersRead, readable],
    ['GET /rooms/{roomId}/people', membersRead, readable],
    ['POST /rooms/{roomId}/messages', membersWrite, writable],
    ['PUT /rooms/{roomId}/read', membersWrite, writable],
    ['DELETE /rooms/{roomId}/members/{userId}', ownerWrites, writable, 'the id is somebody else’s'],
    [
      'DELETE /rooms/{roomId}/members/{userId}',
      { ...membersWrite, ...ownerTooLate },
      writable,
      'the id is the caller’s own',
    ],
  ),
  ...about(
    'room',
    ['POST /uploads', membersWrite, writable],
    ['GET /rooms/{roomId}/files', membersRead, readable],
    ['GET /rooms/{roomId}/storage', membersRead, readable],
    ['GET /rooms/{roomId}/files/archive', membersRead, readable],
  ),
  // An upload is its maker's alone, whoever else is in the room: here the owner's.
  ...about(
    'upload',
    ['GET /uploads/{uploadId}', uploaderWrites, writable],
    ['PATCH /uploads/{uploadId}', uploaderWrites, writable],
    ['DELETE /uploads/{uploadId}', uploaderWrites, writable],
  ),
  // The file in question is the party's.
  ...about(
    'file',
    ['GET /files/{fileId}', membersRead, readable],
    ['GET /files/{fileId}/versions/{version}/content', membersRead, readable],
    ['DELETE /files/{fileId}', dropperWrites, dropperWritable],
    ['POST /files/{fileId}/versions', dropperWrites, dropperWritable],
    ['POST /files/{fileId}/joining', ownerWrites, writable],
    ['GET /files/{fileId}/versions/{version}/preview', membersRead, readable],
    ['GET /files/{fileId}/receipts', dropperReads, dropperReadable],
    ['POST /files/{fileId}/share-links', dropperSharesInBrowser, dropperSharable],
    ['GET /files/{fileId}/share-links', dropperReads, dropperReadable],
  ),
  ...about('shareLink', ['DELETE /share-links/{shareLinkId}', dropperWrites, dropperWritable]),
  ...about(
    'message',
    ['GET /rooms/{roomId}/messages/{messageId}', membersRead, readable],
    ['PATCH /rooms/{roomId}/messages/{messageId}', authorWrites, writable],
    ['DELETE /rooms/{roomId}/messages/{messageId}', authorWrites, writable],
    ['PUT /rooms/{roomId}/messages/{messageId}/reactions/{emoji}', membersWrite, writable],
    ['DELETE /rooms/{roomId}/messages/{messageId}/reactions/{emoji}', membersWrite, writable],
  ),
  ...about(
    'room',
    ['room.join', membersRead, readable],
    ['room.catchUp', membersRead, readable],
    ['message.post', membersWrite, writable],
    ['room.markRead', membersWrite, writable],
    ['room.typing', membersWrite, writable],
  ),
  // Giving up a seat one does not have changes nothing, and says nothing about the room.
  ...about('nothing', ['room.leave', reads], ['presence.set', reads]),
];

/** What this actor gets for something of the project he stands in, in this state of it. */
export function verdictOn({ verdicts, inState }: Rule, actor: Actor, state: ProjectState = 'active'): Verdict {
  return inState?.[state]?.[actor] ?? verdicts[actor];
}

/** What he gets for something of a project he has nothing to do with, and for something that does not exist: the same. */
export function verdictElsewhere({ verdicts, scope }: Rule, actor: Actor): Verdict {
  const needsBrowser = scope === 'money' || (verdicts.writeToken === 'forbidden' && verdicts.owner === 'ok');
  const isRefusedAtOnce = actor === 'anonymous' || actor === 'readToken' || (actor === 'writeToken' && needsBrowser);
  return isRefusedAtOnce && verdicts[actor] !== 'ok' ? verdicts[actor] : 'missing';
}
