import type { Locator } from '@playwright/test';
import { expect, twoInRoom, type Visitor } from './fixtures.ts';
import { linkMailedTo } from './mail.ts';
import type { Server } from './server.ts';

/** Money moves only for people whose address is proven. */
export async function proveAddress(server: Server, person: Visitor): Promise<void> {
  const token = new URL(await linkMailedTo(server, person.email, /verify/)).searchParams.get('token');
  await person.post(server.url, '/auth/verification', { token });
}

/** Says where the money is to go, on the form of test money; at Stripe a story does it itself. */
export async function setUpPayouts({ url }: Server, person: Visitor): Promise<void> {
  const { processor } = (await (await person.context.request.get(`${url}/api/v1/wallet`)).json()) as {
    processor: string;
  };
  if (processor !== 'test-money') return;
  await person.post(url, '/payout-account/onboarding', { commandId: crypto.randomUUID() });
  for (const part of ['person', 'bank']) await person.post(url, '/test/payout-account', { part });
}

/** A client and a freelancer in a room with one planned milestone, both able to move money. */
export function makeDeal(visit: Parameters<typeof twoInRoom>[0], server: Server) {
  return twoInRoom(visit, [server, server], async (person) => {
    await proveAddress(server, person);
    if (person.role === 'freelancer') await setUpPayouts(server, person);
  });
}

/** The same two, and what they planned is paid for; `bank` plays the bank of that payment. */
export async function makePaidDeal(visit: Parameters<typeof twoInRoom>[0], server: Server) {
  const deal = await makeDeal(visit, server);
  const milestoneId = await milestoneOf(deal.client, server.url, deal.projectId);
  const path = `/milestones/${milestoneId}`;
  return { ...deal, milestoneId, path, bank: await pay(deal.client, server.url, path) };
}

/** The same two, and the freelancer has not said where the money is to go. */
export function makeDealWithoutPayouts(visit: Parameters<typeof twoInRoom>[0], server: Server) {
  return twoInRoom(visit, [server, server], (person) => proveAddress(server, person));
}

export async function openRoom({ page }: Visitor, server: Server, roomId: string): Promise<void> {
  await page.goto(`${server.url}/rooms/${roomId}`);
  await expect(page.getByRole('status', { name: 'Connection' })).toHaveText('Live');
}

export const cardOf = ({ page }: Visitor, title = 'First draft') =>
  page.getByRole('complementary').getByRole('article', { name: title });

/** As somebody does who has no mouse. */
export async function press(button: Locator): Promise<void> {
  await button.focus();
  await button.press('Enter');
}

/** The only milestone of a project. */
export async function milestoneOf({ context }: Visitor, url: string, projectId: string): Promise<string> {
  const response = await context.request.get(`${url}/api/v1/projects/${projectId}`);
  const { milestones } = (await response.json()) as { milestones: { id: string }[] };
  return milestones[0]?.id ?? '';
}

/** A command of its own, as every press of a button is. */
export const command = () => ({ commandId: crypto.randomUUID() });

/** Pays what the milestone at this path of the API asks for with test money; answers how to play the bank of that payment. */
export async function pay(client: Visitor, url: string, path: string) {
  const { payment } = await client.post<{ payment: { id: string } }>(url, `${path}/funding`, command());
  const bank = (outcome: string) => client.post(url, '/test/money', { paymentId: payment.id, outcome });
  await bank('succeed');
  return bank;
}

/** The freelancer proposes this amount, and the client accepts. */
export async function agreeOn(amountMinor: number, { client, freelancer }: Sides, url: string, path: string) {
  const { milestone } = await freelancer.post<{ milestone: { proposal: { hash: string } } }>(
    url,
    `${path}/changes/proposals`,
    { amountMinor, ...command() },
  );
  await client.post(url, `${path}/proposals/${milestone.proposal.hash}/acceptance`, command());
}
interface Sides {
  readonly client: Visitor;
  readonly freelancer: Visitor;
}

/** Whoever has done something about the milestone stands on it, also once the button is gone that began it. */
export async function expectAtMilestone(person: Visitor): Promise<void> {
  const holder = cardOf(person).and(person.page.locator(':focus')).or(cardOf(person).locator(':focus'));
  await expect(holder, 'the focus stays with the milestone').toHaveCount(1);
}
