import type { ChangeProposal } from '@safesend/shared/projects/milestone.ts';
import { expect, test } from 'vitest';
import { endsWithApproval } from './approving.ts';

const me = { myId: 'ana', nameOf: () => 'Bo' };
const proposed = (proposedBy: string, acceptedBy: string | null = null) =>
  ({ proposedBy, acceptedBy }) as unknown as ChangeProposal;
const said = (proposal: ChangeProposal | null) =>
  endsWithApproval({ proposal, cancellation: null, currency: 'EUR' }, me);

test('X18 UX 33 whoever approves reads that a change is open, and that nothing comes of it', () => {
  expect(said(null)).toEqual([]);
  expect(said(proposed('bo'))).toEqual([
    'Bo has proposed a change. With your approval the proposal is over, and what was agreed before stays.',
  ]);
  expect(said(proposed('ana'))).toEqual([
    'You have proposed a change. With your approval your proposal is over, and what was agreed before stays.',
  ]);
  for (const agreed of [proposed('ana', 'bo'), proposed('bo', 'ana')])
    expect(said(agreed)).toEqual([
      expect.stringMatching(/^Both sides agreed to a change .* an attempt to pay for it is given up[.]$/),
    ]);
});
