import { freePort } from '../../server/src/kernel/postgres/cluster.ts';
import { asOwner } from '../../server/test/fresh-database.ts';
import { dropped, expectClean } from '../files.ts';
import { expect, test, twoInRoom } from '../fixtures.ts';
import { grantAdmin } from '../operator.ts';

test('H11 H04 an administrator reads that nothing is scanned and that what is stored is intact; nobody else finds the page', async ({
  visit,
  server,
  line,
}) => {
  line.mayRefuse = true;
  const { client, freelancer, roomId } = await twoInRoom(visit, [server, server]);
  await dropped(freelancer, server.url, roomId, 'brief.txt');
  await grantAdmin(server, client.username);
  await client.page.goto(`${server.url}/dashboard`);
  await client.page.getByRole('button', { name: /^Your account/ }).click();
  await client.page.getByRole('menuitem', { name: 'Administration' }).click();
  await expect(client.page.getByRole('heading', { level: 1, name: 'Administration' })).toBeVisible();
  await expect(client.page.getByText('Files are not scanned for malware')).toBeVisible();
  await expect(client.page.getByText('Every stored file is what was dropped')).toBeVisible();
  await expectClean(client.page);
  await freelancer.page.goto(`${server.url}/admin`);
  await expect(freelancer.page.getByRole('heading', { name: 'Administration' })).toHaveCount(0);
  await expect(freelancer.page.getByText('404')).toBeVisible();
});

test('N09 without a mail server an administrator reads a mail that is kept and follows its link', async ({
  visit,
  server,
}) => {
  const admin = await visit('Ada Admin', 'client');
  const newcomer = await visit('Nora New', 'freelancer');
  await admin.register(server.url);
  await grantAdmin(server, admin.username);
  await newcomer.register(server.url);
  await expect.poll(() => server.mailTo(newcomer.email, /./)).toBeDefined();
  const { page } = admin;
  await page.goto(`${server.url}/admin`);
  await page.getByRole('navigation', { name: 'Administration' }).getByRole('link', { name: 'Mail' }).click();
  await expect(page.getByText('Mails are kept here and not sent')).toBeVisible();
  const row = page.getByRole('listitem').filter({ hasText: newcomer.email });
  await row.getByRole('button', { name: /^Read/ }).click();
  const mail = page.getByRole('dialog');
  await expect(mail.getByText(`To ${newcomer.email}`)).toBeVisible();
  await expectClean(page);
  const address = await mail.getByRole('link', { name: /verify/ }).getAttribute('href');
  await newcomer.page.goto(address ?? '');
  await expect(newcomer.page.getByText('Your address is confirmed')).toBeVisible();
});

test('N09 a mail that no server took is shown to administrators with its reason, and sent again', async ({
  visit,
  startServer,
}) => {
  const server = await startServer({ environment: { SMTP_URL: `smtp://127.0.0.1:${await freePort()}` } });
  const admin = await visit('Ada Admin', 'client');
  const { page } = admin;
  await admin.register(server.url);
  await grantAdmin(server, admin.username);
  await page.goto(`${server.url}/admin/mail`);
  const waiting = page.getByRole('region', { name: 'Waiting to be sent' });
  await expect(async () => {
    await page.reload();
    await expect(waiting.getByText(/Tried .*: E[A-Z]+/)).toBeVisible({ timeout: 1_000 });
  }).toPass();
  // Days of trying are over.
  await expect(async () => {
    await asOwner(
      server.databaseUrl,
      `update pgboss.job set retry_count = retry_limit, start_after = now() where state = 'retry'`,
    );
    await page.reload();
    await expect(page.getByText('1 mail could not be sent')).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await expectClean(page);
  await page.getByRole('region', { name: 'Given up' }).getByRole('button', { name: 'Send again' }).click();
  await expect(waiting.getByRole('listitem')).toHaveCount(1);
  await expect(page.getByText('1 mail could not be sent')).toHaveCount(0);
});
