import { getPayoutAccount, openPayoutOnboarding } from '@safesend/shared/escrow/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { expect, test } from 'vitest';
import type { Deal } from '../money.ts';
import type { StripeDouble } from './double.ts';
import { until } from './product.ts';
import { onStage } from './stage.ts';

let double: StripeDouble, deal: Deal;
onStage((stage) => ({ double, deal } = stage));

test('J04 payouts are being set up until money can reach him; restricted is what Stripe makes of them afterwards', async () => {
  const { freelancer } = deal;
  await freelancer.must(openPayoutOnboarding, { body: { country: 'DE', commandId: newId() } });
  const [account] = double.of('v2.core.account');
  if (!account) throw new Error('no account');
  const missing = ['individual.id_number'];
  const says = (status: string, requirements: readonly string[]) =>
    until(async () =>
      expect((await freelancer.must(getPayoutAccount)).payoutAccount).toMatchObject({ status, requirements }),
    );
  double.moves.setAccount(account, 'restricted', missing);
  await says('onboarding', ['Individual: id number']);
  double.moves.setAccount(account, 'active');
  await says('active', []);
  double.moves.setAccount(account, 'restricted', missing);
  await says('restricted', ['Individual: id number']);
  double.moves.setAccount(account, 'restricted', ['external_account']);
  await says('restricted', ['External account']);
});
