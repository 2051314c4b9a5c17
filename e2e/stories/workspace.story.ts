import type { Locator, Page } from '@playwright/test';
import { expect, test, twoInRoom } from '../fixtures.ts';
import { linkMailedTo } from '../mail.ts';

test('Y06 Y07 E12 G02 from nothing to two people at work: sign up, plan a project, invite by mail, join, talk', async ({
  visit,
  server,
}) => {
  const client = await visit('Clara Client', 'client');
  const freelancer = await visit('Frida Freelancer', 'freelancer');
  const { page } = client;
  await page.goto(`${server.url}/signup`);
  await client.signUp();
  await expect(page).toHaveURL(/\/dashboard/);

  await page.goto(`${server.url}/projects/new`);
  await page.getByLabel('Title').fill('Harbour website');
  await page.getByLabel('Description').fill('A calm site for the harbour office.');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByRole('heading', { name: 'Plan the milestones' })).toBeFocused();
  await page.getByRole('button', { name: 'Add a milestone' }).click();
  await page.getByLabel('Title').fill('First draft');
  await page.getByLabel('Amount').fill('1,200.50');
  await page.getByLabel('Done when').fill('Three screens are signed off.');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page).toHaveURL(/step=2/);
  await page.goBack();
  await expect(page.getByLabel('Done when'), 'E09 Back is the step before').toHaveValue(
    'Three screens are signed off.',
  );
  await page.getByLabel(/Due date/).fill('2020-01-01');
  await expect(page.getByText('This day is over already.')).toBeVisible();
  await page.getByLabel(/Due date/).fill('');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('E-mail address').fill(freelancer.email);
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByText('€1,200.50').first()).toBeVisible();
  await page.getByRole('button', { name: 'Start the project' }).click();
  await expect(page).toHaveURL(/\/projects\/[0-9a-f-]{36}$/);
  await expect(page.getByText('Draft').first()).toBeVisible();

  await freelancer.page.goto(await linkMailedTo(server, freelancer.email, /\/invitations\//));
  await freelancer.page.getByRole('link', { name: 'Create an account and join' }).click();
  await freelancer.signUp();
  await expect(freelancer.page).toHaveURL(/\/rooms\//);

  await expect(page.getByText('Active').first(), 'P14 the card follows without a reload').toBeVisible();
  await page.getByRole('link', { name: 'Open room' }).first().click();
  await expect(client.timeline.getByText('The project is active: both sides are here')).toBeVisible();
  await client.say('Welcome on **board**');
  await expect(freelancer.message('Welcome on board')).toHaveCount(1);
  await freelancer.say('Glad to be here');
  await expect(client.message('Glad to be here')).toHaveCount(1);
});

test('F01 G08 G10 G11 say it, mend it, answer it, react to it, take it back; both see the same', async ({
  visit,
  server,
}) => {
  const { client, freelancer } = await twoInRoom(visit, [server, server]);
  await client.say('Shall we strat on Monday?');
  await expect(freelancer.message('Shall we strat')).toHaveCount(1);
  await client.page.keyboard.press('ArrowUp');
  const composer = client.page.getByRole('textbox', { name: 'Message', exact: true });
  await expect(composer).toHaveValue('Shall we strat on Monday?');
  await composer.fill('Shall we start on Monday?');
  await composer.press('Enter');
  await expect(freelancer.message('Shall we start on Monday?')).toContainText('edited');

  const question = freelancer.message('Shall we start on Monday?');
  await question.hover();
  await question.getByRole('button', { name: 'React with 👍' }).click();
  await expect(
    client.message('Shall we start on Monday?').getByRole('button', { name: /👍.*Frida Freelancer/ }),
  ).toBeVisible();
  await question.hover();
  await question.getByRole('button', { name: 'Reply' }).click();
  await freelancer.say(`@${client.username} Monday suits me.`);
  await expect(
    client.message('Monday suits me').getByRole('button', { name: /In reply to .*Shall we start on Monday/ }),
  ).toBeVisible();

  await freelancer.say('My number is 555 0199');
  await freelancer.openActions('555 0199');
  await freelancer.page.keyboard.press('Escape');
  const slip = freelancer.message('555 0199');
  const more = slip.getByRole('button', { name: 'More actions' });
  await expect(more).toBeFocused();
  await more.press('ArrowRight');
  await expect(slip.getByRole('button', { name: 'React with 👍' }), 'the arrows go around a toolbar').toBeFocused();
  await slip.getByRole('button', { name: 'React with 👍' }).press('ArrowRight');
  await expect(slip.getByRole('button', { name: 'React with ❤️' })).toBeFocused();
  await slip.getByRole('button', { name: 'React with ❤️' }).press('End');
  await expect(more).toBeFocused();
  await more.press('Enter');
  await freelancer.page.getByRole('menuitem', { name: 'Delete message' }).click();
  await freelancer.page
    .getByRole('alertdialog')
    .getByRole('button', { name: /Delete/ })
    .click();
  await expect(client.timeline.getByText('This message was deleted.')).toBeVisible();
  await expect(client.page.getByText('555 0199')).toHaveCount(0);
  await client.page.reload();
  await expect(client.message('Monday suits me')).toHaveCount(1);
  await expect(client.page.getByText('555 0199')).toHaveCount(0);
});

test('X13 F09 N04 N02 unread and notifications are exact on every tab, and lead to the very fact', async ({
  visit,
  server,
}) => {
  const { client, freelancer } = await twoInRoom(visit, [server, server]);
  await client.page.goto(`${server.url}/dashboard`);
  const elsewhere = await client.context.newPage();
  await elsewhere.goto(`${server.url}/messages`);
  for (const page of [client.page, elsewhere]) {
    await expect(page.getByRole('status', { name: 'Connection' })).toHaveText('Live');
    await expect(page.getByRole('link', { name: /^Messages/ }).first()).not.toContainText(/\d/);
  }
  const told = client.page.getByRole('link', { name: /^Notifications/ }).first();
  const before = Number(/\d+/.exec(await told.innerText())?.[0] ?? 0);
  await freelancer.say('The first screens are up');
  await freelancer.say(`What do you think, @${client.username}?`);
  for (const page of [client.page, elsewhere]) {
    await expect(page.getByRole('link', { name: /^Notifications/ }).first()).toContainText(String(before + 1));
    await expect(
      page.getByRole('listitem').filter({ hasText: 'Harbour website' }).getByText('2', { exact: true }).first(),
    ).toBeVisible();
  }
  await client.page.goto(`${server.url}/notifications`);
  await client.page
    .getByRole('link', { name: /mentioned you/ })
    .first()
    .click();
  await expect(client.page).toHaveURL(/\/rooms\//);
  await expect(client.message('What do you think')).toBeInViewport();
  await expect(elsewhere.getByRole('link', { name: /^Messages/ }).first(), 'read here is read there').not.toContainText(
    /\d/,
  );
});

test('from one room straight to another by the side bar: it stands in the page and can be written in', async ({
  visit,
  server,
}) => {
  const { client, freelancer, roomId } = await twoInRoom(visit, [server, server]);
  const project = { title: 'Lighthouse brochure', description: '', currency: 'EUR', milestones: [] };
  await client.post(server.url, '/projects', project);
  const { page } = client;
  for (let n = 1; n <= 20; n++)
    await client.post(server.url, `/rooms/${roomId}/messages`, {
      commandId: crypto.randomUUID(),
      body: `Line ${n}.`,
    });
  const rooms = page.getByRole('navigation', { name: 'Rooms' });
  for (const title of ['Lighthouse brochure', 'Harbour website']) {
    await rooms.getByRole('link', { name: title }).click();
    await expect(page.getByRole('heading', { name: title }).first()).toBeVisible();
    await expect(client.timeline, 'the log has a height of its own').toBeInViewport({ ratio: 0.9 });
    await expect(page.getByRole('textbox', { name: 'Message', exact: true })).toBeInViewport();
    await client.say(`Written in ${title}`);
    await expect(client.message(`Written in ${title}`)).toBeInViewport();
  }
  await expect(freelancer.message('Written in Harbour website')).toHaveCount(1);
});

test('UX 4 5 6 a room opens where I stopped; what is new below is counted and one click away', async ({
  visit,
  server,
}) => {
  const { client, freelancer, roomId } = await twoInRoom(visit, [server, server]);
  const { page } = client;
  await page.goto(`${server.url}/dashboard`);
  for (let n = 1; n <= 24; n++)
    await freelancer.post(server.url, `/rooms/${roomId}/messages`, {
      commandId: crypto.randomUUID(),
      body: `Line ${n}.`,
    });
  await page.goto(`${server.url}/rooms/${roomId}`);
  const line = client.timeline.getByText('New', { exact: true });
  await expect(line).toBeInViewport();
  await expect(client.message('Line 1.')).toBeInViewport();
  const jump = page.getByRole('button', { name: /^Jump to latest · \d+ new$/ });
  await expect(jump, 'less than a screen away, but not seen').toBeVisible();
  const badge = page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: 'Harbour website' });
  const counted = async (it: Locator) => Number(/(\d+)(?!.*\d)/s.exec(await it.innerText())?.[1]);
  const isBelow = () => expect.poll(async () => (await counted(jump)) - (await counted(badge))).toBe(0);
  await isBelow();
  await freelancer.say('And one more.');
  await expect(freelancer.message('And one more.')).toContainText('Sent');
  await isBelow();
  await expect(line, 'the line stays where it was').toBeInViewport();
  await jump.click();
  await expect(client.message('And one more.')).toBeInViewport();
  await expect(page.getByRole('button', { name: /^Jump to latest/ })).toHaveCount(0);
});

/** How far what stood on the page was moved without being asked to, from its first moment. */
async function measureShifts(page: Page): Promise<() => Promise<number>> {
  await page.addInitScript(() => {
    Object.assign(globalThis, { shifted: 0 });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[])
        if (!entry.hadRecentInput)
          Reflect.set(globalThis, 'shifted', (Reflect.get(globalThis, 'shifted') as number) + entry.value);
    }).observe({ type: 'layout-shift', buffered: true });
  });
  return () => page.evaluate(() => Reflect.get(globalThis, 'shifted') as number);
}

test('UX 4 17 44 a long room opens at its first unread line, moves nothing, and takes for read only what was on screen', async ({
  visit,
  server,
}) => {
  const { client, freelancer, roomId } = await twoInRoom(visit, [server, server]);
  const { page } = client;
  const post = (body: string) =>
    freelancer.post(server.url, `/rooms/${roomId}/messages`, { commandId: crypto.randomUUID(), body });
  // Lines of many heights before what is unread: whoever guesses them guesses wrong.
  for (let n = 1; n <= 30; n++) await post(`Read ${n}.\n\n${'- a point of a list\n'.repeat(n % 7)}`);
  await expect(client.message('Read 30.')).toBeInViewport();
  const badge = page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: 'Harbour website' });
  await expect(badge, 'all is read').toHaveText('Harbour website');
  await page.goto(`${server.url}/dashboard`);
  for (let n = 1; n <= 42; n++) await post(`Unread ${n}.`);
  const shifted = await measureShifts(page);
  await page.goto(`${server.url}/rooms/${roomId}`);
  await expect(client.timeline.getByText('New', { exact: true })).toBeInViewport();
  await expect(client.message('Unread 1.')).toBeInViewport();
  await expect(client.message('Unread 42.')).not.toBeInViewport();
  await expect(page.getByRole('button', { name: /^Jump to latest · \d+ new$/ })).toBeVisible();
  await page.waitForLoadState('networkidle');
  await expect(badge, 'what is below was not seen').toContainText(/\d/);
  expect(await shifted(), 'UX 44').toBeLessThan(0.05);
});

test('UX 44 68 a room is drawn in its place from the first moment, and its log is there at 400 % zoom', async ({
  visit,
  server,
  browser,
}) => {
  const { client, roomId } = await twoInRoom(visit, [server, server]);
  const { page } = client;
  const still = await browser.newContext({
    javaScriptEnabled: false,
    storageState: await client.context.storageState(),
  });
  const first = await still.newPage();
  for (const it of [first, page]) {
    await it.setViewportSize({ width: 1440, height: 900 });
    await it.goto(`${server.url}/rooms/${roomId}`);
  }
  const drawn = await first.getByRole('log').boundingBox();
  await expect(page.getByRole('status', { name: 'Connection' })).toHaveText('Live');
  await expect(first.getByRole('log')).toBeVisible();
  expect(await client.timeline.boundingBox(), 'nothing moves when the page awakes').toEqual(drawn);
  await still.close();

  await page.setViewportSize({ width: 320, height: 225 });
  await page.reload();
  await client.say('Read and written at 400 %');
  await expect.poll(async () => (await client.timeline.boundingBox())?.height).toBeGreaterThanOrEqual(120);
  await expect(client.timeline, 'the log and the composer are on screen together').toBeInViewport({ ratio: 1 });
  await expect(page.getByRole('textbox', { name: 'Message', exact: true })).toBeInViewport({ ratio: 1 });
  await expect(client.message('Read and written at 400 %')).toContainText(/Sent|Seen/);
  await client.message('Read and written at 400 %').scrollIntoViewIfNeeded();
  await expect(client.message('Read and written at 400 %')).toBeInViewport();
});
