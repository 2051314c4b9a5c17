import { expect, test, twoInRoom } from '../fixtures.ts';

const plan = (title: string) => ({ title, description: '', currency: 'EUR' });

test('E07 E11 a newcomer’s list of projects is empty and leads on; what he makes from a template stands in every tab', async ({
  visit,
  server,
}) => {
  const newcomer = await visit('Nele New', 'client');
  await newcomer.register(server.url);
  const { page } = newcomer;
  const elsewhere = await newcomer.context.newPage();
  for (const tab of [page, elsewhere]) {
    await tab.goto(`${server.url}/projects`);
    await expect(tab.getByText('No projects yet')).toBeVisible();
    await expect(tab.getByRole('article'), 'no card of nobody').toHaveCount(0);
    await expect(tab.getByRole('status', { name: 'Connection' })).toHaveText('Live');
  }
  await page.getByRole('main').getByRole('link', { name: 'New project' }).last().click();
  await page.getByRole('radio', { name: /Website/ }).check();
  await page.getByLabel('Title').fill('Lighthouse guide');
  await page.getByRole('button', { name: 'Continue' }).click();
  const amounts = page.getByLabel('Amount');
  await expect(amounts).toHaveCount(4);
  for (const amount of await amounts.all()) await amount.fill('250');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: 'Start the project' }).click();
  await expect(page.getByText('The site is live on its own address and handed over.')).toBeVisible();

  const card = elsewhere.getByRole('article');
  await expect(card).toHaveCount(1);
  await expect(card).toContainText('Lighthouse guide');
  await expect(card).toContainText('€1,000.00');
});

test('E12 the page of a project follows what happens, and opens its room', async ({ visit, server }) => {
  const { client, freelancer, projectId } = await twoInRoom(visit, [server, server]);
  const { page } = freelancer;
  await page.goto(`${server.url}/projects/${projectId}`);
  await expect(page.getByRole('status', { name: 'Connection' })).toHaveText('Live');
  const milestone = { title: 'Second draft', amountMinor: 45_000, criteria: 'All pages' };
  await client.post(server.url, `/projects/${projectId}/milestones`, milestone);
  await expect(page.getByText('Second draft')).toBeVisible();
  await expect(page.getByText('€450.00').first()).toBeVisible();
  const [way, chip] = await page
    .getByRole('paragraph')
    .filter({ has: page.getByRole('link', { name: 'Projects' }) })
    .evaluate((line) =>
      [...line.children].map((it) => {
        const words = document.createRange();
        words.selectNodeContents(it);
        const { top, bottom } = words.getBoundingClientRect();
        return (top + bottom) / 2;
      }),
    );
  expect(Math.abs((way ?? 0) - (chip ?? 0)), 'UX 44 on one line').toBeLessThan(1);
  await page.getByRole('link', { name: 'Open room' }).first().click();
  await expect(freelancer.timeline).toBeVisible();
  await freelancer.say('Here I am');
  await expect(client.message('Here I am')).toHaveCount(1);
});

test('G01 conversations stand in the order of their last event, and the one that speaks comes first by itself', async ({
  visit,
  server,
}) => {
  const { client, freelancer } = await twoInRoom(visit, [server, server]);
  await client.post(server.url, '/projects', plan('Lighthouse guide'));
  const { page } = client;
  await page.goto(`${server.url}/messages`);
  await expect(page.getByRole('status', { name: 'Connection' })).toHaveText('Live');
  const rows = page.getByRole('main').getByRole('listitem');
  await expect(rows).toHaveCount(2);
  await expect(rows.first()).toContainText('Lighthouse guide');
  await freelancer.say('The screens are up');
  await expect(rows.first()).toContainText('Harbour website');
  await expect(rows.first()).toContainText('The screens are up');
  await expect(rows.last()).toContainText('Lighthouse guide');
  await page
    .getByPlaceholder(/Search/)
    .last()
    .fill('light');
  await expect(rows).toHaveCount(1);
});

test('P03 while the link is up the dashboard asks for nothing by itself, and what happens is there all the same', async ({
  visit,
  server,
}) => {
  const { client, freelancer } = await twoInRoom(visit, [server, server]);
  const { page } = client;
  await page.clock.install();
  await page.goto(`${server.url}/dashboard`);
  await expect(page.getByRole('status', { name: 'Connection' })).toHaveText('Live');
  await page.waitForLoadState('networkidle');
  const asked: string[] = [];
  page.on('request', (request) => {
    if (new URL(request.url()).pathname.startsWith('/api/')) asked.push(request.url());
  });
  // Longer than the half minute after which dashboards used to ask again, shorter than a silent link is borne.
  await page.clock.fastForward(35_000);
  await page.waitForLoadState('networkidle');
  expect(asked).toEqual([]);
  const unread = page.getByRole('region', { name: 'Figures' }).getByRole('link', { name: /^Unread/ });
  await expect(unread).toContainText('0');
  await freelancer.say('Something new');
  await page.clock.runFor(1_000);
  await expect(unread).toContainText('1');
});
