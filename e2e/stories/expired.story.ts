import { expect, test } from '../fixtures.ts';

test('E16 UX 38 what runs out says so: an invitation is sent again from the room, a session leads back to its page', async ({
  visit,
  server,
  line,
}) => {
  line.mayRefuse = true;
  const owner = await visit('Olga Owner', 'client');
  await owner.register(server.url);
  const { page } = owner;
  const { project } = await owner.post<{ project: { id: string; roomId: string } }>(server.url, '/projects', {
    title: 'Lighthouse guide',
    description: '',
    currency: 'EUR',
  });
  const email = `gustav-${project.id.slice(-6)}@example.com`;
  await owner.post(server.url, `/projects/${project.id}/invitations`, { email, role: 'freelancer' });
  await page.goto(`${server.url}/rooms/${project.roomId}`);
  await expect(page.getByText(/as freelancer, until/)).toBeVisible();
  await owner.post(server.url, '/test/clock', { advanceSeconds: 15 * 86_400 });
  await page.reload();
  await expect(page.getByText('as freelancer, expired')).toBeVisible();
  await page.getByRole('button', { name: /^Invite g•••/ }).click();
  await expect(page.getByRole('dialog').getByText(/\/invitations\//)).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByText(/as freelancer, until/)).toBeVisible();
  await owner.post(server.url, '/test/clock', { advanceSeconds: 31 * 86_400 });
  await expect(page).toHaveURL(/\/signin\?next=/);
  // By the link, or by the refusal of what the page had just asked for: whichever is first.
  await expect(page.getByText(/Your session ran out\.|You were signed out\./)).toBeVisible();
  await page.getByLabel('E-mail address').fill(owner.email);
  await page.getByLabel('Password', { exact: true }).fill(owner.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(`${server.url}/rooms/${project.roomId}`);
});

test('UX 38 a session that ended while the link was down leads from the next page to sign-in, and on to that page', async ({
  visit,
  server,
  line,
}) => {
  line.mayRefuse = true;
  const owner = await visit('Lia Late', 'client');
  await owner.register(server.url);
  const { page } = owner;
  // Nobody says that the session ended: this page has no link.
  await page.routeWebSocket(/socket\.io/, () => undefined);
  await page.goto(`${server.url}/dashboard`);
  await expect(page.locator('html')).toHaveAttribute('data-awake', 'true');
  await page.waitForLoadState('networkidle');
  await owner.post(server.url, '/test/clock', { advanceSeconds: 31 * 86_400 });
  await page.getByRole('navigation').getByRole('link', { name: 'Projects' }).click();
  await expect(page).toHaveURL(/\/signin\?next=%2Fprojects/);
  await expect(page.getByText('You were signed out.')).toBeVisible();
  await page.getByLabel('E-mail address').fill(owner.email);
  await page.getByLabel('Password', { exact: true }).fill(owner.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(`${server.url}/projects`);
});
