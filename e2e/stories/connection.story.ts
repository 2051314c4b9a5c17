import { expectAgreement, expectSameDocuments, markDocuments } from '../agreement.ts';
import { expect, test, twoInRoom } from '../fixtures.ts';
import { createDatabase, Server } from '../server.ts';

test('F11 UX 3 a lost line: what was said meanwhile is all there, in order, once, without a reload', async ({
  visit,
  server,
  line,
}) => {
  line.mayBreak = true;
  const { client, freelancer, roomId } = await twoInRoom(visit, [server, server]);
  await markDocuments(freelancer.page);
  await freelancer.context.setOffline(true);
  await expect(
    freelancer.page
      .getByRole('status')
      .filter({ hasText: /offline/i })
      .first(),
  ).toBeVisible();
  for (let n = 1; n <= 20; n++) {
    await client.say(`Line number ${n}.`);
    await expect(client.message(`Line number ${n}.`)).toHaveCount(1);
  }
  await freelancer.say('Said while I was away');
  await expect(freelancer.message('Said while I was away')).toContainText('Waiting for connection');
  await freelancer.context.setOffline(false);
  await expect(client.message('Said while I was away')).toHaveCount(1);
  await expect(freelancer.message('Line number 20.')).toHaveCount(1);
  await expect(freelancer.message('Said while I was away')).not.toContainText('Waiting');
  await expectAgreement(server.url, roomId, { visitor: client }, { visitor: freelancer });
  await expectSameDocuments(freelancer.page);
});

test('X13 UX 17 who wrote while the line was cut reads on, and is told to have read', async ({
  visit,
  server,
  line,
}) => {
  line.mayBreak = true;
  const { client, freelancer, roomId } = await twoInRoom(visit, [server, server]);
  // More than a screen of it: the end moves with what is written.
  for (let n = 0; n < 30; n++)
    await client.post(server.url, `/rooms/${roomId}/messages`, { commandId: `line ${n}`, body: `Line ${n}` });
  await expect(freelancer.message('Line 29')).toBeInViewport();
  await freelancer.context.setOffline(true);
  await freelancer.say(`Said into the silence\n\n${'and at length. '.repeat(60)}`);
  await client.say('Said meanwhile');
  await freelancer.context.setOffline(false);
  await expect(client.message('Said into the silence')).toBeVisible();
  await expect(client.message('Said meanwhile')).toContainText('Seen');
  await client.say('Said afterwards');
  await expect(client.message('Said afterwards')).toContainText('Seen');
});

test('F13 UX 2 the server dies in the middle of a conversation and comes back: nothing is lost or doubled', async ({
  visit,
  line,
  startServer,
}) => {
  line.mayBreak = true;
  const server = await startServer();
  const { client, freelancer, roomId } = await twoInRoom(visit, [server, server]);
  await markDocuments(freelancer.page);
  await client.say('Before the crash');
  await expect(freelancer.message('Before the crash')).toHaveCount(1);
  await server.kill();
  await client.say('Into the dark');
  await expect(client.message('Into the dark')).toHaveCount(1);
  await expect(client.message('Into the dark')).not.toContainText('Not sent ·');
  const room = client.page.url();
  await client.page.reload().catch(() => undefined);
  await server.start();
  await client.page.goto(room);
  await expect(freelancer.message('Into the dark')).toHaveCount(1, { timeout: 30_000 });
  await expect(client.message('Into the dark')).toHaveCount(1);
  await freelancer.say('And we are back');
  await expect(client.message('And we are back')).toHaveCount(1);
  await expectAgreement(server.url, roomId, { visitor: client }, { visitor: freelancer });
  await expectSameDocuments(freelancer.page);
});

test('F12 L7 two processes behind one Redis: both sides live, and the removed member sees nothing more', async ({
  visit,
  line,
}) => {
  const databaseUrl = await createDatabase();
  const redisUrl = process.env['STORY_REDIS_URL'] ?? '';
  const first = await Server.start({ databaseUrl, redisUrl });
  const second = await Server.start({ databaseUrl, redisUrl });
  try {
    const { client, freelancer, projectId } = await twoInRoom(visit, [first, second]);
    await client.say('Do you hear me over there?');
    await expect(freelancer.message('Do you hear me over there?')).toHaveCount(1);
    await freelancer.say('Loud and clear');
    await expect(client.message('Loud and clear')).toHaveCount(1);
    await expect(client.page.getByText('Seen by Frida Freelancer')).toBeVisible();
    await client.page.goto(`${first.url}/projects/${projectId}`);
    await client.page.getByRole('button', { name: /Frida Freelancer/ }).click();
    await client.page.getByRole('menuitem', { name: /Remove/ }).click();
    await client.page
      .getByRole('alertdialog')
      .getByRole('button', { name: /Remove/ })
      .click();
    await expect(freelancer.page.getByText('You are no longer in this room')).toBeVisible();
    await client.page.goBack();
    await client.say('Between us');
    await expect(client.message('Between us')).toHaveCount(1);
    await expect(freelancer.page.getByText('Between us')).toHaveCount(0);
  } finally {
    // The servers go before the pages do, and a page that asks for something then finds nobody.
    line.mayBreak = true;
    await first.stop();
    await second.stop();
  }
});
