import type { Page } from '@playwright/test';
import { expectAgreement, expectSameDocuments, markDocuments } from '../agreement.ts';
import { expect, test, twoInRoom, type Visitor } from '../fixtures.ts';

const live = (page: Page) => expect(page.getByRole('status', { name: 'Connection' })).toHaveText('Live');

async function each(people: readonly Visitor[], text: string): Promise<void> {
  for (const person of people) await expect(person.message(text)).toHaveCount(1);
}

test('F11 G2 the server stands still in the middle of a sentence and goes on: it is said once, and nobody is told otherwise', async ({
  visit,
  server,
  line,
}) => {
  line.mayBreak = true;
  let sent = 0;
  const overheard: typeof visit = async (name, role) => {
    const person = await visit(name, role);
    person.page.on('websocket', (link) =>
      link.on('framesent', ({ payload }) => void (payload.includes('Into the silence') && sent++)),
    );
    return person;
  };
  const { client, freelancer, roomId } = await twoInRoom(overheard, [server, server]);
  await markDocuments(client.page, freelancer.page);
  server.suspend();
  try {
    await client.say('Into the silence');
    await freelancer.say('Hello?');
    await expect(client.message('Into the silence')).toContainText('Sending');
    await expect.poll(() => sent, { message: 'the answer is overdue, and it is sent again' }).toBeGreaterThan(1);
  } finally {
    server.resume();
  }
  for (const text of ['Into the silence', 'Hello?']) await each([client, freelancer], text);
  await expectAgreement(server.url, roomId, { visitor: client }, { visitor: freelancer });
  await expectSameDocuments(client.page, freelancer.page);
});

test('F11 G4 a page that the browser froze wakes up with everything that was said meanwhile', async ({
  visit,
  server,
  line,
}) => {
  line.mayBreak = true;
  const { client, freelancer, roomId } = await twoInRoom(visit, [server, server]);
  await markDocuments(freelancer.page);
  const devtools = await freelancer.context.newCDPSession(freelancer.page);
  await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
  for (let n = 1; n <= 5; n++) await client.say(`While you slept ${n}.`);
  await expect(client.message('While you slept 5.')).toHaveCount(1);
  await devtools.send('Page.setWebLifecycleState', { state: 'active' });
  await expect(freelancer.message('While you slept 5.')).toHaveCount(1);
  await live(freelancer.page);
  await freelancer.say('Awake again');
  await each([client, freelancer], 'Awake again');
  await expectAgreement(server.url, roomId, { visitor: client }, { visitor: freelancer });
  await expectSameDocuments(freelancer.page);
});

test('F11 G3 clocks jump, in a page and at the server: order and times are the log’s', async ({ visit, server }) => {
  const withClock: typeof visit = async (name, role) => {
    const person = await visit(name, role);
    await person.context.clock.install();
    return person;
  };
  const { client, freelancer, roomId } = await twoInRoom(withClock, [server, server]);
  await markDocuments(client.page, freelancer.page);
  await client.say('Before the jump');
  await each([client, freelancer], 'Before the jump');
  await freelancer.page.clock.fastForward('03:00:00');
  await live(freelancer.page);
  await freelancer.say('Three hours ahead');
  await each([client, freelancer], 'Three hours ahead');
  await client.page.clock.setSystemTime(new Date(Date.now() - 86_400_000));
  await client.say('A day behind');
  await each([client, freelancer], 'A day behind');
  await client.post(server.url, '/test/clock', { advanceSeconds: 3_600 });
  await client.say('An hour later');
  await each([client, freelancer], 'An hour later');
  for (const { timeline } of [client, freelancer]) {
    await expect(timeline).toContainText(/Before the jump.*Three hours ahead.*A day behind.*An hour later/s);
  }
  await expectAgreement(server.url, roomId, { visitor: client }, { visitor: freelancer });
  await expectSameDocuments(client.page, freelancer.page);
});

test('F11 G2 a tab and its duplicate share what waits offline: each message is sent once, and both show all', async ({
  visit,
  server,
  line,
}) => {
  line.mayBreak = true;
  const { client, freelancer, roomId } = await twoInRoom(visit, [server, server]);
  const opened = client.context.waitForEvent('page');
  await client.page.evaluate(() => void open(location.href));
  const twin = await opened;
  await live(twin);
  await twin.waitForLoadState('networkidle');
  await markDocuments(client.page, twin);
  const composer = twin.getByRole('textbox', { name: 'Message', exact: true });
  await client.context.setOffline(true);
  await client.say('From the first tab');
  await composer.fill('From the second tab');
  await composer.press('Enter');
  await expect(client.message('From the first tab')).toContainText('Waiting for connection');
  await client.context.setOffline(false);
  for (const text of ['From the first tab', 'From the second tab']) {
    await each([client, freelancer], text);
    await expect(twin.getByRole('log').getByRole('article').filter({ hasText: text })).toHaveCount(1);
  }
  const seats = [{ visitor: client }, { visitor: client, page: twin }, { visitor: freelancer }];
  await expectAgreement(server.url, roomId, ...seats);
  await expectSameDocuments(client.page, twin);
});
