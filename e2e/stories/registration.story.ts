import { expectClean } from '../files.ts';
import { expect, test } from '../fixtures.ts';
import { linkMailedTo } from '../mail.ts';
import { limitRegistration } from '../operator.ts';

test('E19 where accounts are by invitation a visitor reads so before he fills in anything, and whoever is invited signs up', async ({
  visit,
  line,
  startServer,
}) => {
  // A spent invitation is refused when it is looked up.
  line.mayRefuse = true;
  const server = await startServer();
  const owner = await visit('Olga Owner', 'client');
  await owner.register(server.url);
  const plan = { title: 'Harbour website', description: '', currency: 'EUR', milestones: [] };
  const { project } = await owner.post<{ project: { id: string } }>(server.url, '/projects', plan);
  await limitRegistration(server, 'invitation-only');
  const guest = await visit('Gina Guest', 'freelancer');
  const invited = { email: guest.email, role: 'freelancer' };
  await owner.post(server.url, `/projects/${project.id}/invitations`, invited);

  const { page } = await visit('Vera Visitor', 'client');
  await page.goto(server.url);
  await expect(page.getByText(/^New accounts are by invitation here/).first()).toBeVisible();
  await expect(page.getByRole('link', { name: /Sign up|Create an account/ })).toHaveCount(0);
  await expectClean(page);
  for (const address of ['/signup', '/signup?invitation=spent']) {
    await page.goto(server.url + address);
    await expect(page.getByRole('heading', { name: 'New accounts are by invitation' })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Create account' })).toHaveCount(0);
    await expect(page.getByText('Ask for a new one')).toHaveCount(address.endsWith('spent') ? 1 : 0);
    await expectClean(page);
  }
  await page.getByRole('link', { name: 'Write to support' }).click();
  await expect(page.getByRole('form', { name: 'Write to us' })).toBeVisible();

  await guest.page.goto(await linkMailedTo(server, guest.email, /invitations/));
  await guest.page.getByRole('link', { name: 'Create an account and join' }).click();
  await guest.signUp();
  await expect(guest.page).toHaveURL(/rooms/);
});
