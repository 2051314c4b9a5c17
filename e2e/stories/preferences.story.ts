import { proveAddress } from '../deal.ts';
import { expect, test } from '../fixtures.ts';

test('A18 N05 what is mailed is chosen group by group, by keyboard, and stays so; what could not be saved says so', async ({
  visit,
  server,
  line,
}) => {
  const ada = await visit('Ada Away', 'client');
  await ada.register(server.url);
  const { page } = ada;
  await page.goto(`${server.url}/notifications`);
  await page.getByRole('link', { name: 'Mail settings' }).click();
  await expect(page.getByRole('tab', { name: 'Notifications', selected: true })).toBeVisible();
  await expect(page.getByText(`Nothing is mailed until ${ada.email} is confirmed.`)).toBeVisible();
  await proveAddress(server, ada);
  await page.reload();
  await expect(page.getByText('Nothing is mailed until')).toHaveCount(0);

  const box = (name: string) => page.getByRole('checkbox', { name, exact: true });
  await expect(box('Messages')).toBeChecked();
  await expect(box('Plans')).not.toBeChecked();
  await box('Messages').click();
  await expect(page.getByText('Messages: not mailed any more.')).toBeVisible();
  await box('Plans').press('Space');
  await expect(page.getByText('Plans: mailed from now on.')).toBeVisible();
  await expect(box('Plans'), 'the place is kept').toBeFocused();
  await page.reload();
  await expect(box('Messages')).not.toBeChecked();
  await expect(box('Plans')).toBeChecked();
  await expect(box('Money')).toBeChecked();

  line.mayFail = true;
  const calls = '**/api/v1/notification-preferences';
  await page.route(calls, (route) => route.fulfill({ status: 503, json: { code: 'unavailable', status: 503 } }));
  await box('Money').click();
  const again = page.getByRole('button', { name: 'Try again' });
  await expect(again).toBeVisible();
  await expect(box('Money'), 'as the account still has it').toBeChecked();
  await page.unroute(calls);
  await again.click();
  await expect(page.getByText('Money: not mailed any more.')).toBeVisible();
  await expect(box('Money')).not.toBeChecked();
});
