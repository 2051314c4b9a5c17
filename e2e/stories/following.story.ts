import { cardOf, command, makePaidDeal } from '../deal.ts';
import { expect, test } from '../fixtures.ts';
import { drop } from '../files.ts';

test('UX 6 UX 7 the end is followed while the window changes and work comes, is left by the wheel alone, and what one does leads back to it', async ({
  visit,
  server,
}) => {
  const { client, freelancer, roomId, path } = await makePaidDeal(visit, server);
  const { page } = client;
  const jump = page.getByRole('button', { name: /^Jump to latest/ });
  let said = 0;
  const say = () =>
    freelancer.post(server.url, `/rooms/${roomId}/messages`, {
      body: `Line ${++said}. ${'More. '.repeat(30)}`,
      ...command(),
    });
  /** One turn, in the moment in which something has come and the rows it leads to are still measured. */
  const wheelUp = async () => {
    await client.timeline.hover();
    for (let n = 0; n < 3; n++) await say();
    await expect(client.message(`Line ${said}.`)).toBeInViewport();
    await page.mouse.wheel(0, -900);
    await expect(jump).toBeVisible();
  };

  await test.step('from the first line that is too many, in a window that becomes narrow and wide, with asking and answering', async () => {
    for (const width of [1_440, 360, 1_440, 700, 360, 1_440]) {
      const { milestone } = await freelancer.post<{ milestone: { proposal: { hash: string } } }>(
        server.url,
        `${path}/changes/proposals`,
        { amountMinor: 119_000 - said, ...command() },
      );
      await page.setViewportSize({ width, height: 800 });
      await client.post(server.url, `${path}/proposals/${milestone.proposal.hash}/acceptance`, command());
      for (let n = 0; n < 5; n++) await say();
      await expect(client.message(`Line ${said}.`), `at ${width}`).toBeInViewport();
    }
    await expect(jump).toHaveCount(0);
  });

  await test.step('above, nothing moves until I propose something myself', async () => {
    await wheelUp();
    await say();
    await expect(jump).toHaveText(/Jump to latest · \d+ new/);
    await page.getByRole('complementary').getByRole('button', { name: 'Details' }).click();
    await page.getByRole('dialog', { name: 'First draft' }).getByRole('button', { name: 'Propose a change' }).click();
    const propose = page.getByRole('dialog', { name: 'Propose a change of First draft' });
    await propose.getByLabel('Amount').fill('1500');
    await propose.getByRole('button', { name: 'Propose the change' }).click();
    await expect(cardOf(client)).toContainText('You proposed a change');
    await expect(client.timeline.getByText(/€1,500\.00/).last()).toBeInViewport();
    await expect(jump).toHaveCount(0);
    await say();
    await expect(client.message(`Line ${said}.`)).toBeInViewport();
  });

  await test.step('or bring a file', async () => {
    await wheelUp();
    await drop(page, { 'draft.txt': 'A draft' });
    await expect(client.timeline.getByText('draft.txt').last()).toBeInViewport();
    await expect(jump).toHaveCount(0);
  });
});
