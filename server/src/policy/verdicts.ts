import type { Verdict, Verdicts } from './rule.ts';

export const open: Verdicts = {
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
export const reads: Verdicts = { ...open, anonymous: 'unauthenticated' };
export const writes: Verdicts = { ...reads, readToken: 'forbidden' };
export const noPaper: Verdicts = {
  ...{ anonymous: 'unauthenticated', stranger: 'missing', invitee: 'missing', removed: 'missing', member: 'missing' },
  ...{ party: 'missing', owner: 'missing', readToken: 'missing', writeToken: 'missing' },
};
export const inBrowser: Verdicts = { ...writes, writeToken: 'forbidden' };
/** Only for who has just proven again who he is, which nobody of the policy has. */
const asked = 'reauthentication_required';
export const afterProof: Verdicts = {
  ...{ ...inBrowser, stranger: asked, invitee: asked, removed: asked },
  ...{ member: asked, party: asked, owner: asked },
};

// A stranger cannot tell a forbidden thing from a missing one (L6).
export const outside = { stranger: 'missing', invitee: 'missing', removed: 'missing' } as const;
export const membersRead: Verdicts = { ...reads, ...outside };
export const membersWrite: Verdicts = { ...writes, ...outside };
export const ownerReads: Verdicts = { ...membersRead, member: 'forbidden', party: 'forbidden' };
export const ownerWrites: Verdicts = { ...membersWrite, member: 'forbidden', party: 'forbidden' };
/** Once work has begun the plan is the client's side alone. */
export const clientWrites: Verdicts = { ...membersWrite, party: 'forbidden' };
/** The message in question is the party's. */
export const authorWrites: Verdicts = {
  ...membersWrite,
  member: 'forbidden',
  owner: 'forbidden',
  writeToken: 'forbidden',
};
export const uploaderWrites: Verdicts = { ...membersWrite, member: 'missing', party: 'missing' };
/** The file is the party's; the owner may change every one. */
export const dropperWrites: Verdicts = { ...membersWrite, member: 'forbidden' };
export const dropperSharesInBrowser: Verdicts = { ...dropperWrites, writeToken: 'forbidden' };
/** Who may change the file sees its links, and who got it. */
export const dropperReads: Verdicts = { ...membersRead, member: 'forbidden' };
export const inviteeWrites: Verdicts = {
  ...writes,
  stranger: 'missing',
  removed: 'missing',
  member: 'forbidden',
  party: 'forbidden',
  owner: 'forbidden',
  writeToken: 'forbidden',
};

/** What became of it is told to whoever was invited, and to nobody else. */
export const inviteeReads: Verdicts = { ...noPaper, invitee: 'ok' };

export const gone: Partial<Verdicts> = {
  ...outside,
  member: 'missing',
  party: 'missing',
  owner: 'missing',
  writeToken: 'missing',
};
export const goneToReaders: Partial<Verdicts> = { ...gone, readToken: 'missing' };
export const ownerTooLate: Partial<Verdicts> = { owner: 'conflict', writeToken: 'conflict' };
export const clientsTooLate: Partial<Verdicts> = { ...ownerTooLate, member: 'conflict' };

export const readable = { deleted: goneToReaders };
export const writable = { deleted: gone };
/** In a draft the member stands in for the party, who is not there yet. */
export const dropperWritable = { ...writable, draft: { member: 'ok' } } as const;
export const dropperSharable = { ...dropperWritable, deleted: { ...gone, writeToken: 'forbidden' } } as const;
export const dropperReadable = { ...readable, draft: { member: 'ok' } } as const;
export const ownerWhileOpen = { completed: ownerTooLate, cancelled: ownerTooLate, deleted: gone };
export const clientsWhileOpen = { completed: clientsTooLate, cancelled: clientsTooLate, deleted: gone };
/** The end of a project takes its invitations back. */
export const inviteeWhileOpen = {
  completed: { invitee: 'conflict' },
  cancelled: { invitee: 'conflict' },
  deleted: gone,
} as const;

export const inviteeReadable = { deleted: { invitee: 'missing' } } as const;

/** The milestone in question is planned: its money parties may ask, but nothing of it is theirs to do yet. */
export const clientTooSoon: Verdicts = { ...clientWrites, ...ownerTooLate, member: 'forbidden' };
export const partyTooSoon: Verdicts = {
  ...ownerWrites,
  owner: 'forbidden',
  writeToken: 'forbidden',
  party: 'conflict',
};
export const bothTooSoon: Verdicts = { ...ownerWrites, ...ownerTooLate, party: 'conflict' };
export const withMoney = (verdicts: Verdicts): Verdicts => ({ ...verdicts, writeToken: 'forbidden' });
export const everybody = (verdict: Verdict): Verdicts => ({
  ...{ anonymous: verdict, stranger: verdict, invitee: verdict, removed: verdict, member: verdict, party: verdict },
  ...{ owner: verdict, readToken: verdict, writeToken: verdict },
});
export const nobodys = everybody('missing');
export const tokensRefused = { anonymous: 'unauthenticated', readToken: 'forbidden', writeToken: 'forbidden' } as const;
export const notTheirs: Verdicts = { ...nobodys, ...tokensRefused };
export const unsigned = everybody('malformed');
export const withoutAccount: Verdicts = { ...everybody('conflict'), ...tokensRefused };
/** A fresh person has not proven his address. */
export const unproven: Verdicts = { ...everybody('email_unverified'), ...tokensRefused };
export const goneFromMoney: Partial<Verdicts> = { ...gone, writeToken: 'forbidden' };
export const moneyWritable = { deleted: goneFromMoney };
