import { expect, test, twoInRoom } from '../fixtures.ts';

test('UX 44 a room stays in its frame: however long its people and milestones are, the window itself never scrolls', async ({
  visit,
  server,
}) => {
  const { client, projectId } = await twoInRoom(visit, [server, server]);
  const { page } = client;
  for (let at = 1; at <= 8; at++) {
    const plan = { title: `Part ${at}`, criteria: 'Signed off', amountMinor: 120_000 };
    await client.post(server.url, `/projects/${projectId}/milestones`, plan);
  }
  await expect(page.getByRole('complementary').getByRole('article', { name: 'Part 8' })).toBeAttached();
  const excess = () => page.evaluate(() => document.documentElement.scrollHeight - window.innerHeight);
  expect(await excess()).toBe(0);
  await page.getByRole('textbox', { name: 'Message', exact: true }).fill('A line\n\nand another one');
  expect(await excess()).toBe(0);
});
