import { listInvoices } from '@safesend/shared/escrow/calls.ts';
import { createProject, getFees, getProject, planMilestone } from '@safesend/shared/projects/calls.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { send, startTestApp, type TestApp } from '../../../../test/harness.ts';
import { fund, look, makeDeal, plan, release, settled } from '../../../../test/money.ts';

let before: TestApp;
let after: TestApp;
beforeAll(async () => {
  before = await startTestApp();
  const environment = { PLATFORM_FEE_BPS: '500', SERVICE_FEE_BPS: '0' };
  after = await startTestApp({ databaseUrl: before.databaseUrl, environment });
});
afterAll(async () => {
  await after.close();
  await before.close();
});

const baseOf = ({ port }: TestApp) => `http://127.0.0.1:${port}`;

test('J12 J15 other fees are for new projects; one that is under way keeps what it agreed, to the last payment', async () => {
  const deal = await makeDeal(before);
  const { quote } = await plan(deal);
  expect(quote).toMatchObject({ platformFeeMinor: 10_000, serviceFeeMinor: 3_535 });

  const now = { ...deal, client: deal.client.at(baseOf(after)), freelancer: deal.freelancer.at(baseOf(after)) };
  const { milestone } = await now.client.must(planMilestone, {
    params: { projectId: deal.projectId },
    body: { title: 'Planned later', criteria: 'As before', amountMinor: 100_000 },
  });
  expect(milestone.quote, 'the project agreed it').toEqual(quote);
  const { milestoneId } = await fund(now);
  await release(now, milestoneId, 100_000);
  expect((await settled(now, milestoneId)).hold).toMatchObject({ platformFeeMinor: 10_000, serviceFeeMinor: 3_535 });

  const body = { title: 'A new one', description: '', currency: 'EUR' as const };
  const { project } = await now.client.must(createProject, { body });
  expect(project.fees).toEqual({ platformFeeBps: 500, serviceFeeBps: 0 });
  expect((await now.client.must(getProject, { params: { projectId: project.id } })).project.fees).toEqual(project.fees);
  expect((await look(deal, milestoneId)).quote).toEqual(quote);
});

test('J15 anybody can ask what fees a new project agrees', async () => {
  const asked = async (app: TestApp) => (await send(baseOf(app), getFees, {})).body.fees;
  expect(await asked(before)).toEqual({ platformFeeBps: 1_000, serviceFeeBps: 350 });
  expect(await asked(after)).toEqual({ platformFeeBps: 500, serviceFeeBps: 0 });
});

test('J08 J15 about a fee of nothing there is no paper', async () => {
  const deal = await makeDeal(after);
  const { milestoneId } = await fund(deal);
  const { items } = await deal.client.must(listInvoices);
  // The freelancer's invoice, and the receipt of what was charged: nothing about the fee.
  expect(items.map(({ kind }) => kind).toSorted()).toEqual(['invoice', 'receipt']);
  for (const paper of items) expect(paper).toMatchObject({ milestoneId, totalMinor: 100_000 });
});
