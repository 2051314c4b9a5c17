import {
  createApiToken,
  listSessions,
  login,
  reauthenticate,
  requestPasswordReset,
  resendVerification,
} from '@safesend/shared/accounts/calls.ts';
import { listPasskeys, removePasskey } from '@safesend/shared/accounts/passkey-calls.ts';
import { openShareLink } from '@safesend/shared/files/calls.ts';
import type { FailureCode } from '@safesend/shared/failure.ts';
import { newId } from '@safesend/shared/ids.ts';
import type { Rule, Verdict } from '../../src/policy.ts';
import { makeSignInLink } from '../../src/modules/accounts/service/signin.ts';
import { enrol, toConfirm, toEnrol, toSignIn } from '../authenticator.ts';
import { metadataOf, tus } from '../drops.ts';
import { send, signUp, type Person } from '../harness.ts';
import { mailTo, tokenIn } from '../mails.ts';
import { avatarOf, pixel, type Things, type World } from './world.ts';

/** What is put into a door: the parts of a request, or the payload of a socket event as `body`. */
export interface Ask {
  readonly params?: Record<string, string>;
  readonly query?: Record<string, string>;
  readonly body?: unknown;
  /** In the place of a body that is JSON. */
  readonly raw?: Buffer<ArrayBuffer>;
  /** Beside the body, or instead of it. */
  readonly headers?: Record<string, string>;
}

export const password = 'correct horse battery staple';
const freshName = () => `fresh-${newId().slice(-12)}`;
const registration = () => {
  const username = freshName();
  return { email: `${username}@example.com`, username, password, displayName: 'Fresh', role: 'client' };
};
const milestone = { title: 'Build', amountMinor: 5_000, criteria: 'It runs' };
const somebodyOf = ({ people }: World, who: Person | null) => who ?? people.owner;

/** Whoever signs in here anew is signed out where he was. */
export const isEntrance = (door: string) => /auth\/(login|register|link|passkey-sign-in)/.test(door);

type Asking = (at: Things, world: World, who: Person | null) => Ask | Promise<Ask>;
const inProject = ({ projectId }: Things): Ask => ({ params: { projectId } });
const inRoom = ({ roomId }: Things): Ask => ({ params: { roomId } });
const ofMessage = ({ roomId, messageId }: Things): Ask => ({ params: { roomId, messageId } });
const ofMilestone = ({ milestoneId }: Things): Ask => ({ params: { milestoneId } });
const withBody =
  (body: object): Asking =>
  (at) => ({ ...ofMilestone(at), body });
const withCommand =
  (body: object): Asking =>
  (at) => ({ ...ofMilestone(at), body: { ...body, commandId: newId() } });
const ofProposal = ({ milestoneId }: Things) => ({ milestoneId, hash: '0'.repeat(64) });
const ofNoPayment = (): Ask => ({ params: { paymentId: newId() }, body: { commandId: newId() } });
const ofInvitation = ({ invitationId }: Things): Ask => ({ params: { invitationId } });
const ofReaction = ({ roomId, messageId }: Things): Ask => ({ params: { roomId, messageId, emoji: '👍' } });
/** The party himself knocks with the owner's id: about oneself these doors say something else. */
const other = ({ userId, username }: Things, { people }: World, who: Person | null) =>
  who?.id === userId ? { userId: people.owner.id, username: people.owner.user.username } : { userId, username };
const ofPerson: Asking = (at, world, who) => ({ params: { userId: other(at, world, who).userId } });
const ofFile = ({ fileId }: Things) => ({ params: { fileId } });
const ofUpload = ({ uploadId }: Things): Ask => ({ headers: tus, params: { uploadId } });
const soon = () => new Date(Date.now() + 3_600_000).toISOString();
const ofInvoice = (): Ask => ({ params: { invoiceId: newId() } });
const period = { from: '2026-01-01T00:00:00.000Z', until: '2027-01-01T00:00:00.000Z' };
const nothing = (): Ask => ({});

/** A good request for every door of the policy that takes more than its address. */
const asks: Readonly<Record<string, Asking>> = {
  'GET /api/docs/{asset}': () => ({ params: { asset: 'start.js' } }),
  'POST /api/v1/test/clock': () => ({ body: { advanceSeconds: 0 } }),
  'POST /api/v1/auth/register': () => ({ body: registration() }),
  'POST /api/v1/auth/login': (_, world, who) => ({ body: { email: somebodyOf(world, who).user.email, password } }),
  'POST /api/v1/auth/link': async (_, world, who) => {
    const { result } = await world.app.transact({ id: null }, (tx) =>
      makeSignInLink(tx, 'x:', somebodyOf(world, who).id),
    );
    return { body: { token: result.split('token=')[1] } };
  },
  'POST /api/v1/auth/verification': async (_, { app }) => {
    const person = await signUp(app);
    await person.must(resendVerification);
    return { body: { token: tokenIn(await mailTo(app, person.user.email, /./)) } };
  },
  'POST /api/v1/auth/password-reset': () => ({ body: { email: 'nobody@example.com' } }),
  'POST /api/v1/auth/password-reset/completion': async (_, { app, base }) => {
    const { email } = (await signUp(app)).user;
    await send(base, requestPasswordReset, { body: { email } });
    return { body: { token: tokenIn(await mailTo(app, email, /password/i)), password: 'quite another passphrase' } };
  },
  'POST /api/v1/invitations/lookup': ({ invitationToken: token }) => ({ body: { token } }),
  'POST /api/v1/support': () => ({ body: { email: 'me@example.com', subject: 'Help', body: 'Please' } }),
  'GET /api/v1/auth/check-email': () => ({ query: { email: 'free@example.com' } }),
  'GET /api/v1/auth/check-username': () => ({ query: { username: 'free-name' } }),
  'POST /api/v1/auth/reauthentication': () => ({ body: { password } }),
  'POST /api/v1/auth/passkey-sign-in': async (_, world, who) => {
    const { device } = await enrolAnew(somebodyOf(world, who));
    return { body: await toSignIn(world.base, device) };
  },
  'POST /api/v1/auth/reauthentication/challenge': async (_, __, who) => {
    if (who) await enrolAnew(who);
    return {};
  },
  'POST /api/v1/auth/reauthentication/passkey': async (_, __, who) =>
    who ? { body: await toConfirm(who, (await enrolAnew(who)).device) } : {},
  'POST /api/v1/auth/passkeys/challenge': async (_, __, who) => {
    await who?.must(reauthenticate, { body: { password } });
    return {};
  },
  'POST /api/v1/auth/passkeys': async (_, __, who) => (who ? { body: await toEnrol(who) } : {}),
  'PATCH /api/v1/auth/passkeys/{passkeyId}': async (at, _, who) => ({
    params: { passkeyId: await passkeyIdOf(at, who) },
    body: { name: freshName() },
  }),
  'DELETE /api/v1/auth/passkeys/{passkeyId}': async (at, _, who) => {
    await who?.must(reauthenticate, { body: { password } });
    return { params: { passkeyId: await passkeyIdOf(at, who) } };
  },
  'PUT /api/v1/auth/password': () => ({ body: { currentPassword: password, password: 'quite another passphrase' } }),
  'PUT /api/v1/auth/email': () => ({ body: { password, email: `${freshName()}@example.com` } }),
  'POST /api/v1/api-tokens': () => ({ body: { name: 'Script', scopes: ['read'] } }),
  'PATCH /api/v1/auth/profile': () => ({ body: { headline: freshName() } }),
  'PUT /api/v1/notifications/read': () => ({ body: { all: true } }),
  'GET /api/v1/invoices/{invoiceId}': ofInvoice,
  'GET /api/v1/invoices/{invoiceId}/pdf': ofInvoice,
  'GET /api/v1/statements': () => ({ query: period }),
  'GET /api/v1/statements/download': () => ({ query: { ...period, currency: 'EUR', format: 'csv' } }),
  'POST /api/v1/projects': () => ({ body: { title: 'New', description: '', currency: 'EUR' } }),
  'DELETE /api/v1/auth/sessions/{sessionId}': async (at, _, who) => ({
    params: { sessionId: at.sessionId ?? (who ? await otherSessionOf(who) : newId()) },
  }),
  'DELETE /api/v1/api-tokens/{apiTokenId}': async (at, _, who) => ({
    params: { apiTokenId: at.apiTokenId ?? (who ? await tokenIdOf(who) : newId()) },
  }),
  'PUT /api/v1/me/blocks/{userId}': ofPerson,
  'DELETE /api/v1/me/blocks/{userId}': ofPerson,
  'POST /api/v1/rooms/direct': (at, world, who) => ({ body: { username: other(at, world, who).username } }),
  'GET /api/v1/projects/{projectId}': inProject,
  'GET /api/v1/projects/{projectId}/export': inProject,
  'GET /api/v1/projects/{projectId}/invitations': inProject,
  'PATCH /api/v1/projects/{projectId}': ({ projectId }) => ({
    params: { projectId },
    body: { description: freshName() },
  }),
  'DELETE /api/v1/projects/{projectId}': inProject,
  'POST /api/v1/projects/{projectId}/completion': inProject,
  'POST /api/v1/projects/{projectId}/cancellation': inProject,
  'PUT /api/v1/projects/{projectId}/archive': inProject,
  'DELETE /api/v1/projects/{projectId}/archive': inProject,
  'POST /api/v1/projects/{projectId}/invitations': ({ projectId }) => ({
    params: { projectId },
    body: { email: `${freshName()}@example.com`, role: 'client' },
  }),
  'POST /api/v1/projects/{projectId}/milestones': ({ projectId }) => ({ params: { projectId }, body: milestone }),
  'PATCH /api/v1/milestones/{milestoneId}': ({ milestoneId }) => ({
    params: { milestoneId },
    body: { title: freshName() },
  }),
  'POST /api/v1/milestones/{milestoneId}/cancellation': ofMilestone,
  'GET /api/v1/milestones/{milestoneId}': ofMilestone,
  'POST /api/v1/milestones/{milestoneId}/start': ofMilestone,
  'POST /api/v1/milestones/{milestoneId}/submission': withBody({ note: 'Done', files: [] }),
  'POST /api/v1/milestones/{milestoneId}/changes': withBody({ submissionId: newId(), reason: 'Not yet' }),
  'POST /api/v1/milestones/{milestoneId}/changes/proposals': withBody({ title: 'Another' }),
  'POST /api/v1/milestones/{milestoneId}/proposals/{hash}/decline': (at) => ({ params: ofProposal(at) }),
  'POST /api/v1/milestones/{milestoneId}/proposals/{hash}/acceptance': (at) => ({
    params: ofProposal(at),
    body: { commandId: newId() },
  }),
  'POST /api/v1/milestones/{milestoneId}/funding': withCommand({}),
  'POST /api/v1/milestones/{milestoneId}/approval': withCommand({ submissionId: newId() }),
  'POST /api/v1/milestones/{milestoneId}/release': withCommand({ amountMinor: 100 }),
  'POST /api/v1/milestones/{milestoneId}/refund': withCommand({ amountMinor: 100, reason: 'Too much' }),
  'POST /api/v1/milestones/{milestoneId}/refund/retry': withCommand({}),
  'POST /api/v1/milestones/{milestoneId}/cancellation/answer': withCommand({ accept: true }),
  'GET /api/v1/payments/{paymentId}': () => ({ params: { paymentId: newId() } }),
  'POST /api/v1/payments/{paymentId}/retry': ofNoPayment,
  'POST /api/v1/payments/{paymentId}/cancellation': ofNoPayment,
  'POST /api/v1/payment-methods': () => ({ body: { commandId: newId() } }),
  'GET /api/v1/payment-methods/setups/{setupId}': () => ({ params: { setupId: newId() } }),
  'PUT /api/v1/payment-methods/{paymentMethodId}/default': () => ({ params: { paymentMethodId: newId() } }),
  'DELETE /api/v1/payment-methods/{paymentMethodId}': () => ({ params: { paymentMethodId: newId() } }),
  'POST /api/v1/payout-account/onboarding': () => ({ body: { country: 'DE', commandId: newId() } }),
  'PUT /api/v1/me/tax-details': () => ({ body: { taxDetails: null } }),
  'PUT /api/v1/payout-account/schedule': () => ({ body: { schedule: 'weekly' } }),
  'POST /api/v1/payouts': () => ({ body: { amountMinor: 100, currency: 'EUR', commandId: newId() } }),
  'POST /api/v1/test/money': () => ({ body: { paymentId: newId(), outcome: 'succeed' } }),
  'POST /api/v1/invitations/{invitationId}/acceptance': ofInvitation,
  'POST /api/v1/invitations/{invitationId}/decline': ofInvitation,
  'POST /api/v1/invitations/{invitationId}/delivery': ofInvitation,
  'DELETE /api/v1/invitations/{invitationId}': ofInvitation,
  'GET /api/v1/rooms/{roomId}': inRoom,
  'GET /api/v1/rooms/{roomId}/events': inRoom,
  'GET /api/v1/rooms/{roomId}/members': inRoom,
  'GET /api/v1/rooms/{roomId}/people': inRoom,
  'POST /api/v1/rooms/{roomId}/messages': ({ roomId }) => ({
    params: { roomId },
    body: { commandId: newId(), body: 'Hi' },
  }),
  'PUT /api/v1/rooms/{roomId}/read': ({ roomId }) => ({ params: { roomId }, body: { seq: 1 } }),
  'DELETE /api/v1/rooms/{roomId}/members/{userId}': (at, world, who) => ({
    params: { roomId: at.roomId, userId: other(at, world, who).userId },
  }),
  'DELETE /api/v1/rooms/{roomId}/members/{userId} the id is the caller’s own': ({ roomId }, world, who) => ({
    params: { roomId, userId: somebodyOf(world, who).id },
  }),
  'GET /api/v1/rooms/{roomId}/messages/{messageId}': ofMessage,
  'PATCH /api/v1/rooms/{roomId}/messages/{messageId}': (at) => ({ ...ofMessage(at), body: { body: freshName() } }),
  'DELETE /api/v1/rooms/{roomId}/messages/{messageId}': ofMessage,
  'PUT /api/v1/rooms/{roomId}/messages/{messageId}/reactions/{emoji}': ofReaction,
  'DELETE /api/v1/rooms/{roomId}/messages/{messageId}/reactions/{emoji}': ofReaction,
  'GET /api/v1/rooms/{roomId}/files': inRoom,
  'GET /api/v1/rooms/{roomId}/storage': inRoom,
  'GET /api/v1/rooms/{roomId}/files/archive': inRoom,
  'OPTIONS /api/v1/uploads': () => ({ headers: tus }),
  'POST /api/v1/uploads': ({ roomId }) => ({
    headers: { ...tus, 'upload-length': '5', 'upload-metadata': metadataOf({ roomId }) },
  }),
  'GET /api/v1/uploads/{uploadId}': ofUpload,
  'PATCH /api/v1/uploads/{uploadId}': (at) => ({
    ...ofUpload(at),
    headers: { ...tus, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' },
  }),
  'DELETE /api/v1/uploads/{uploadId}': ofUpload,
  'GET /api/v1/files/{fileId}': ofFile,
  'GET /api/v1/files/{fileId}/versions/{version}/content': (at) => ({
    params: { ...ofFile(at).params, version: '1' },
  }),
  'GET /api/v1/files/{fileId}/versions/{version}/preview': (at) => ({ params: { ...ofFile(at).params, version: '1' } }),
  'GET /api/v1/files/{fileId}/receipts': ofFile,
  'GET /api/v1/files/{fileId}/share-links': ofFile,
  'POST /api/v1/files/{fileId}/share-links': (at) => ({ ...ofFile(at), body: { expiresAt: soon() } }),
  'GET /api/v1/avatars/{avatarId}': async (_, world, who) => ({
    params: { avatarId: await avatarOf(somebodyOf(world, who)) },
  }),
  'PUT /api/v1/me/avatar': (_, { base }) => ({ raw: pixel, headers: { origin: base, 'content-type': 'image/png' } }),
  'DELETE /api/v1/share-links/{shareLinkId}': ({ shareLinkId }) => ({ params: { shareLinkId } }),
  'POST /api/v1/shared-files/lookup': ({ shareToken: token }) => ({ body: { token } }),
  'GET /api/v1/shared-files/content': async ({ shareToken: token }, { base }) => {
    const { body } = await send(base, openShareLink, { body: { token } });
    return { query: { ticket: body.ticket ?? '' } };
  },
  'DELETE /api/v1/files/{fileId}': ofFile,
  'POST /api/v1/files/{fileId}/versions': (at) => ({ ...ofFile(at), body: { version: 1 } }),
  'POST /api/v1/files/{fileId}/joining': (at) => ({ ...ofFile(at), body: { fileId: at.otherFileId } }),
  'room.join': ({ roomId }) => ({ body: { roomId, after: -1 } }),
  'room.catchUp': ({ roomId }) => ({ body: { roomId, after: 0 } }),
  'room.leave': ({ roomId }) => ({ body: { roomId } }),
  'message.post': ({ roomId }) => ({ body: { roomId, commandId: newId(), body: 'Hi' } }),
  'room.markRead': ({ roomId }) => ({ body: { roomId, seq: 1 } }),
  'room.typing': ({ roomId }) => ({ body: { roomId, typing: true } }),
  'presence.set': () => ({ body: { status: 'online' } }),
};

/** Nobody may have as many passkeys as these doors are asked with: whoever has many begins again. */
async function enrolAnew(who: Person): ReturnType<typeof enrol> {
  const { items } = await who.must(listPasskeys);
  if (items.length >= 15) {
    await who.must(reauthenticate, { body: { password } });
    for (const { id } of items) await who.must(removePasskey, { params: { passkeyId: id } });
  }
  return enrol(who);
}

async function passkeyIdOf({ passkeyId }: Things, who: Person | null): Promise<string> {
  return passkeyId ?? (who ? (await enrolAnew(who)).passkeyId : newId());
}

async function otherSessionOf(person: Person): Promise<string> {
  await send(person.base, login, { body: { email: person.user.email, password } });
  const { items } = await person.must(listSessions);
  return items.find(({ current }) => !current)?.id ?? '';
}

async function tokenIdOf(person: Person): Promise<string> {
  const { apiToken } = await person.must(createApiToken, { body: { name: 'Script', scopes: ['read'] } });
  return apiToken.id;
}

/** A good request for this door about these things, as this person would send it. */
export async function askFor(
  { door, when }: Pick<Rule, 'door' | 'when'>,
  at: Things,
  world: World,
  who: Person | null,
): Promise<Ask> {
  const asking = asks[`${door} ${when ?? ''}`.trim()] ?? asks[door] ?? nothing;
  return asking(at, world, who);
}

export interface Heard {
  readonly status: number;
  readonly verdict: Verdict;
  readonly text: string;
}

export async function knock(
  base: string,
  door: string,
  { params = {}, query, body, raw, headers: beside }: Ask,
  headers: Record<string, string>,
): Promise<Heard> {
  const [method = '', template = ''] = door.split(' ');
  const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const response = await fetch(`${base}${path}${query ? `?${new URLSearchParams(query)}` : ''}`, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...beside, ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(raw && { body: raw }),
    redirect: 'manual',
  });
  const text = await response.text();
  return {
    status: response.status,
    text,
    verdict: response.status < 300 ? 'ok' : (JSON.parse(text) as { code: FailureCode }).code,
  };
}

/** The same with its address written out. */
export async function addressFor(
  rule: Rule,
  at: Things,
  world: World,
  who: Person | null,
): Promise<{ method: string; path: string; ask: Ask }> {
  const ask = await askFor(rule, at, world, who);
  const [method = '', template = ''] = rule.door.split(' ');
  const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(ask.params?.[name] ?? ''));
  return { method, ask, path };
}
