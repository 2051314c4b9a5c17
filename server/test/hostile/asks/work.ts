import { newId } from '@safesend/shared/ids.ts';
import type { Things } from '../world.ts';
import { freshName, type Ask, type Asking, type Asks } from './ask.ts';

const milestone = { title: 'Build', amountMinor: 5_000, criteria: 'It runs' };
const inProject = ({ projectId }: Things): Ask => ({ params: { projectId } });
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
const ofInvoice = (): Ask => ({ params: { invoiceId: newId() } });
const period = { from: '2026-01-01T00:00:00.000Z', until: '2027-01-01T00:00:00.000Z' };

/** The doors of projects, milestones and money. */
export const workAsks: Asks = {
  'POST /api/v1/invitations/lookup': ({ invitationToken: token }) => ({ body: { token } }),
  'GET /api/v1/invitations/{invitationId}': ofInvitation,
  'GET /api/v1/invoices/{invoiceId}': ofInvoice,
  'GET /api/v1/invoices/{invoiceId}/pdf': ofInvoice,
  'GET /api/v1/statements': () => ({ query: period }),
  'GET /api/v1/statements/download': () => ({ query: { ...period, currency: 'EUR', format: 'csv' } }),
  'POST /api/v1/projects': () => ({ body: { title: 'New', description: '', currency: 'EUR' } }),
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
  'POST /api/v1/test/payout-account': () => ({ body: { part: 'person' } }),
  'POST /api/v1/test/money': () => ({ body: { paymentId: newId(), outcome: 'succeed' } }),
  'GET /api/v1/admin/mails': () => ({ query: { state: 'given_up' } }),
  'GET /api/v1/admin/mails/{mailId}': () => ({ params: { mailId: newId() } }),
  'POST /api/v1/admin/mails/{mailId}/delivery': () => ({ params: { mailId: newId() } }),
  'GET /api/v1/admin/support-tickets': () => ({ query: { state: 'open' } }),
  'PUT /api/v1/admin/support-tickets/{ticketId}/answer': () => ({ params: { ticketId: newId() } }),
  'DELETE /api/v1/admin/support-tickets/{ticketId}/answer': () => ({ params: { ticketId: newId() } }),
  'POST /api/v1/invitations/{invitationId}/acceptance': ofInvitation,
  'POST /api/v1/invitations/{invitationId}/decline': ofInvitation,
  'POST /api/v1/invitations/{invitationId}/delivery': ofInvitation,
  'DELETE /api/v1/invitations/{invitationId}': ofInvitation,
};
