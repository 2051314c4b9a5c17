import { TcpProxy } from '../../server/test/faults/tcp-proxy.ts';
import { expect, test, twoInRoom } from '../fixtures.ts';
import { Server, createDatabase } from '../server.ts';

test('F13 S08 the database does not answer: pages are told the sessions are unavailable, wait where they are, and go on', async ({
  visit,
  line,
}) => {
  line.mayBreak = true;
  const database = new URL(await createDatabase());
  const postgresPort = Number(database.port);
  const wire = await TcpProxy.open(() => [postgresPort]);
  database.port = String(wire.port);
  const server = await Server.start({ databaseUrl: database.href });
  try {
    const { client, freelancer, roomId } = await twoInRoom(visit, [server, server]);
    const told: Promise<unknown>[] = [];
    for (const { page } of [client, freelancer]) {
      // The link of the page opened again, so that its frames are seen.
      const opened = page.waitForEvent('websocket');
      await page.reload();
      const link = await opened;
      told.push(
        link.waitForEvent('framereceived', {
          predicate: ({ payload }) => /session\.ended.*unavailable/.test(String(payload)),
          timeout: 60_000,
        }),
      );
      await expect(page.getByRole('status', { name: 'Connection' })).toHaveText('Live');
      await page.waitForLoadState('networkidle');
      await page.evaluate(() => Object.assign(globalThis, { sameDocument: true }));
    }
    wire.set('black hole');
    await Promise.all(told);
    for (const { page } of [client, freelancer]) {
      await expect(page.getByRole('status', { name: 'Connection' })).not.toHaveText('Live');
      await expect(page, 'nobody is sent to sign in').toHaveURL(`${server.url}/rooms/${roomId}`);
    }
    await client.say('Written while nobody could tell');
    await expect(client.message('Written while nobody could tell')).not.toContainText(/Sent|Seen/);

    wire.set('pass');
    for (const { page } of [client, freelancer])
      await expect(page.getByRole('status', { name: 'Connection' })).toHaveText('Live', { timeout: 60_000 });
    await expect(client.message('Written while nobody could tell')).toContainText(/Sent|Seen/);
    await expect(freelancer.message('Written while nobody could tell')).toHaveCount(1);
    for (const { page } of [client, freelancer])
      expect(await page.evaluate(() => 'sameDocument' in globalThis), 'no reload').toBe(true);
  } finally {
    wire.set('pass');
    await server.stop();
    await wire.close();
  }
});

test('UX 46 the database is away: a page that is opened then says so in words, in the same document or anew, and opens when it is back', async ({
  visit,
  line,
}) => {
  line.mayBreak = true;
  line.mayFail = true;
  const database = new URL(await createDatabase());
  const postgresPort = Number(database.port);
  const wire = await TcpProxy.open(() => [postgresPort]);
  database.port = String(wire.port);
  const server = await Server.start({ databaseUrl: database.href });
  try {
    const client = await visit('Della Database', 'client');
    await client.register(server.url);
    const { page } = client;
    await page.goto(`${server.url}/profile`);
    await expect(page.getByRole('status', { name: 'Connection' })).toHaveText('Live');
    await page.evaluate(() => Object.assign(globalThis, { sameDocument: true }));
    wire.set('cut');
    await page.getByRole('link', { name: 'Projects', exact: true }).first().click();
    const heading = page.getByRole('heading', { name: 'This page could not be shown' });
    await expect(heading).toBeVisible({ timeout: 30_000 });
    await expect(page.getByText(/try again in a moment/i)).toBeVisible();
    expect(await page.evaluate(() => 'sameDocument' in globalThis), 'the browser never left the page').toBe(true);
    await page.reload();
    await expect(heading).toBeVisible({ timeout: 30_000 });
    await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible();
    wire.set('pass');
    await expect(page.getByRole('heading', { name: 'Projects', exact: true })).toBeVisible({ timeout: 60_000 });
  } finally {
    wire.set('pass');
    await server.stop();
    await wire.close();
  }
});
