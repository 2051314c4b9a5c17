import { expect, test } from '../fixtures.ts';
import { Server } from '../server.ts';

test('S02 a visitor without an account writes to support, and it reaches who runs this', async ({ visit }) => {
  const server = await Server.start({ environment: { MAIL_FROM: 'SafeSend <help@example.com>' } });
  try {
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
    await expect
      .poll(async () => (await server.mailTo('help@example.com', /Where is my link/))?.replyTo?.[0]?.address)
      .toBe(email);
  } finally {
    await server.stop();
  }
});
