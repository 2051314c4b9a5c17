import { readFile } from 'node:fs/promises';
import { expect, test } from '../fixtures.ts';

test('A18 somebody takes his data along, is told what holds him, and closes his account for ever', async ({
  visit,
  server,
  line,
}) => {
  line.mayRefuse = true;
  const gone = await visit('Gil Gone', 'client');
  await gone.register(server.url);
  const { page } = gone;
  const { project } = await gone.post<{ project: { id: string } }>(server.url, '/projects', {
    ...{ title: 'Last things', description: 'To be finished', currency: 'EUR' },
    milestones: [{ title: 'The end', amountMinor: 1_000, criteria: 'It is over' }],
  });

  await page.goto(`${server.url}/settings?tab=data`);
  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download my data' }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe('safesend-account.json');
  const document = JSON.parse(await readFile(await download.path(), 'utf8')) as { account: { email: string } };
  expect(document.account.email).toBe(gone.email);

  const close = async () => {
    await page.getByRole('button', { name: 'Close my account…' }).click();
    await page.getByRole('checkbox', { name: /for ever/ }).check();
    await page.getByRole('button', { name: 'Close my account for ever' }).click();
  };
  await close();
  await expect(page.getByRole('alert')).toContainText('“Last things”');
  await expect(page.getByLabel('Your password'), 'nobody proves himself only to read that').toHaveCount(0);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await gone.post(server.url, `/projects/${project.id}/cancellation`, {});

  await close();
  await page.getByLabel('Your password').fill(gone.password);
  await page.getByRole('button', { name: 'Close my account for ever' }).click();
  await expect(page).toHaveURL(/\/signin\?ended=closed/);
  await expect(page.getByText('Your account is closed')).toBeVisible();
  await page.getByLabel('E-mail address').fill(gone.email);
  await page.getByLabel('Password', { exact: true }).fill(gone.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByRole('alert')).toBeVisible();
});
