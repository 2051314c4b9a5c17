import { expect, test } from '../fixtures.ts';
import { expectClean } from '../files.ts';

// Elsewhere stories hold pages up and cut their lines, which a worker would not notice.
test.use({ serviceWorkers: 'allow' });

test('UX 46 UX 58 a page asked for while there is no line says so in our words, and opens at its own address when there is', async ({
  visit,
  line,
  startServer,
}) => {
  line.mayBreak = true;
  line.mayFail = true;
  const server = await startServer();
  const client = await visit('Ofelia Offline', 'client');
  await client.register(server.url);
  const { page } = client;
  await page.goto(`${server.url}/dashboard`);
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await page.waitForLoadState('networkidle');
  await server.kill();
  const address = `${server.url}/settings?tab=security`;
  await page.goto(address);
  const heading = page.getByRole('heading', { name: 'There is no connection' });
  await expect(heading).toBeVisible();
  await expect(page).toHaveURL(address);
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('status')).toHaveText(/Still no connection/);
  await expectClean(page);
  await page.reload();
  await expect(heading, 'a reload does not lead to the browser’s own page').toBeVisible();
  await server.start();
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
  await expect(page, 'nobody pressed anything').toHaveURL(address);
  expect(await page.evaluate(() => caches.keys()), 'nothing of anybody is kept').toEqual([]);
});
