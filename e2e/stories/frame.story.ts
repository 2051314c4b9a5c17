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

test('UX 57 on a phone every daily place is one press away, payments too, each with its whole word', async ({
  visit,
  server,
}) => {
  const client = await visit('Petra Phone', 'client');
  await client.register(server.url);
  const { page } = client;
  for (const width of [360, 320]) {
    await page.setViewportSize({ width, height: 640 });
    await page.goto(`${server.url}/dashboard`);
    await expect(page.getByRole('status', { name: 'Connection' })).toHaveText('Live');
    const bar = page.getByRole('navigation', { name: 'Main' });
    const cut = await bar.getByRole('link').evaluateAll((links) =>
      links.flatMap((link) => {
        const word = link.querySelector('span');
        return word && word.scrollWidth > word.clientWidth ? [word.textContent] : [];
      }),
    );
    expect(cut, `words that are cut at ${width} pixels`).toEqual([]);
  }
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Payments' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Payments' })).toBeVisible();
});
