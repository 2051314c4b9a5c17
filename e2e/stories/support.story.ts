import { expectClean } from '../files.ts';
import { expect, test } from '../fixtures.ts';
import { grantAdmin } from '../operator.ts';

test('S02 a visitor without an account writes to support, and it reaches the first who administers, who answers by mail', async ({
  visit,
  startServer,
}) => {
  const server = await startServer();
  const { page, email } = await visit('Vera Visitor', 'client');
  await page.goto(server.url);
  await page.getByRole('contentinfo').getByRole('link', { name: 'Support' }).click();
  const form = page.getByRole('form', { name: 'Write to us' });
  await form.getByRole('button', { name: 'Send message' }).click();
  await expect(form.getByLabel('Subject')).toHaveAttribute('aria-invalid', 'true');
  await form.getByLabel('E-mail address').fill(email);
  await form.getByLabel('Subject').fill('Where is my link?');
  await form.getByLabel('What happened?').fill('The mail never came.');
  await form.getByRole('button', { name: 'Send message' }).click();
  await expect(page.getByText('Your message is on its way')).toBeVisible();
  await expect(form.getByLabel('What happened?')).toHaveValue('');

  // Nobody administered when it was written.
  const admin = await visit('Ada Admin', 'client');
  await admin.register(server.url);
  await grantAdmin(server, admin.username);
  await admin.page.goto(`${server.url}/admin`);
  const tabs = admin.page.getByRole('navigation', { name: 'Administration' });
  await tabs.getByRole('link', { name: 'Support' }).click();
  const request = admin.page.getByRole('article', { name: 'Where is my link?' });
  await expect(request.getByText('The mail never came.')).toBeVisible();
  const reply = request.getByRole('link', { name: 'Reply by mail' });
  await expect(reply).toHaveAttribute('href', `mailto:${email}?subject=Re%3A%20Where%20is%20my%20link%3F`);
  await expectClean(admin.page);
  await request.getByRole('button', { name: 'Mark as answered' }).click();
  await expect(admin.page.getByText('Nothing to answer')).toBeVisible();
  await expect(admin.page.getByRole('region', { name: 'Answered' }).getByRole('article')).toHaveCount(1);

  await form.getByLabel('Subject').fill('And my room?');
  await form.getByLabel('What happened?').fill('It is gone.');
  await form.getByRole('button', { name: 'Send message' }).click();
  await expect.poll(async () => (await server.mailTo(admin.email, /And my room/))?.replyTo?.[0]?.address).toBe(email);
});
