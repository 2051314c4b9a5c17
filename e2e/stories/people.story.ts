import type { Page } from '@playwright/test';
import { expect, test, twoInRoom, type Visitor } from '../fixtures.ts';

/** A zone in which it is now outside 9 to 18, or within it on a weekday. */
function zoneWhere(isOff: boolean, now: number): string | undefined {
  const zones = ['Pacific/Kiritimati', 'Asia/Tokyo', 'Europe/Berlin', 'America/New_York', 'Pacific/Honolulu'];
  return zones.find((timeZone) => {
    const clock = new Intl.DateTimeFormat('en', { timeZone, weekday: 'short', hour: '2-digit', hourCycle: 'h23' });
    const parts = Object.fromEntries(clock.formatToParts(now).map(({ type, value }) => [type, value]));
    const hour = Number(parts['hour']);
    // An hour is left at the end, so that the story is over before the day is.
    return isOff === (/^S/.test(parts['weekday'] ?? '') || hour < 9 || hour >= (isOff ? 18 : 17));
  });
}

async function change(visitor: Visitor, url: string, data: object): Promise<void> {
  const answer = await visitor.context.request.patch(`${url}/api/v1/auth/profile`, { data, headers: { origin: url } });
  expect(answer.ok()).toBe(true);
}

const panel = (page: Page) => page.getByRole('complementary').filter({ hasText: 'People' });

async function ask(page: Page, name: string, action: string | RegExp): Promise<void> {
  await panel(page)
    .getByRole('button', { name: `Actions for ${name}` })
    .click();
  await page.getByRole('menuitem', { name: action }).click();
}

/** As on a small machine: the page is drawn long before its program runs. */
async function slowDown({ context, page }: Visitor): Promise<void> {
  const session = await context.newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: 12 });
}

/** The room that the words of a message have. */
const widthOf = (visitor: Visitor, text: string) =>
  visitor
    .message(text)
    .getByText(text)
    .evaluate((it) => it.getBoundingClientRect().width);

test('UX 17 44 read receipts are switched off and on in open rooms, for both sides, without a reload', async ({
  visit,
  server,
}) => {
  const { client, freelancer } = await twoInRoom(visit, [server, server]);
  await client.page.setViewportSize({ width: 1440, height: 900 });
  await client.say('Have you seen this?');
  await expect(client.message('Have you seen this?')).toContainText('Seen by Frida Freelancer');
  const width = await widthOf(client, 'Have you seen this?');
  await freelancer.say('Yes');
  await expect(client.message('Yes')).toBeVisible();
  expect(await widthOf(client, 'Have you seen this?'), 'UX 44 the mark moves on, the words stay').toBe(width);
  await expect(freelancer.message('Yes')).toContainText('Seen by Clara Client');

  const settings = await freelancer.context.newPage();
  const phone = await freelancer.context.newPage();
  for (const page of [settings, phone]) await page.goto(`${server.url}/settings?tab=privacy`);
  const box = settings.getByRole('checkbox', { name: /Show how far I have read/ });
  await expect(box).toBeChecked();
  await box.click();
  await expect(settings.getByText('Saved.')).toBeVisible();
  await expect(phone.getByRole('checkbox', { name: /Show how far I have read/ })).not.toBeChecked();
  await expect(freelancer.message('Yes'), 'I do not see others’ either').not.toContainText('Seen by');

  await freelancer.page.bringToFront();
  await client.say('And this?');
  await expect(freelancer.message('And this?')).toBeInViewport();
  const rooms = freelancer.page.getByRole('navigation', { name: 'Rooms' });
  await expect(rooms.getByRole('link', { name: 'Harbour website' }), 'my own counts go on').not.toContainText(/\d/);
  await expect(client.message('And this?')).toContainText('Sent');
  // Drawn, and not live for a while yet: what moves meanwhile leaves no fact.
  await slowDown(client);
  await client.page.reload({ waitUntil: 'commit' });
  await expect(client.message('And this?')).toContainText('Sent');

  await box.click();
  await expect(client.message('And this?')).toContainText('Seen by Frida Freelancer');
  await expect(freelancer.message('Yes')).toContainText('Seen by Clara Client');
});

test('UX 17 nothing is marked read while the tab is hidden', async ({ visit, server }) => {
  const { client, freelancer, roomId } = await twoInRoom(visit, [server, server]);
  const hide = (page: Page, state: 'hidden' | 'visible') =>
    page.evaluate((visibilityState) => {
      Object.defineProperty(document, 'visibilityState', { value: visibilityState, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, state);
  const me = await freelancer.context.request.get(`${server.url}/api/v1/auth/me`);
  const { user } = (await me.json()) as { user: { id: string } };
  // How many facts the freelancer has not read.
  const behind = async () => {
    const snapshot = await client.context.request.get(`${server.url}/api/v1/rooms/${roomId}`);
    const { reads, headSeq } = (await snapshot.json()) as { reads: { userId: string; seq: number }[]; headSeq: number };
    return headSeq - (reads.find(({ userId }) => userId === user.id)?.seq ?? 0);
  };
  await expect.poll(behind, 'he has read what there is').toBe(0);
  await hide(freelancer.page, 'hidden');
  await client.say('Are you there?');
  await expect(freelancer.message('Are you there?'), 'it is on the screen of the hidden tab').toBeInViewport();
  await client.say('Still not?');
  await expect(freelancer.message('Still not?')).toBeInViewport();
  await expect(client.message('Still not?')).toContainText('Sent');
  expect(await behind(), 'none of the two').toBe(2);
  await hide(freelancer.page, 'visible');
  await expect(client.message('Still not?')).toContainText('Seen by Frida Freelancer');
});

test('UX 16 the clock of somebody who is off hours shows in the people panel and above a direct conversation', async ({
  visit,
  server,
}) => {
  const [client, freelancer] = [await visit('Ana Silva', 'client'), await visit('Frida Freelancer', 'freelancer')];
  const { page } = client;
  await page.goto(`${server.url}/signup`);
  await client.signUp();
  await expect(page).toHaveURL(/\/dashboard/);
  await page.goto(`${server.url}/settings?tab=profile`);
  const here = await page.evaluate(() => new Intl.DateTimeFormat().resolvedOptions().timeZone);
  const zone = page.getByRole('combobox', { name: 'Time zone' });
  await expect(zone).toHaveValue(here.replaceAll('_', ' '));
  const choices = page.getByRole('listbox', { name: 'Time zone' }).getByRole('option');
  await expect(zone, 'the page is awake').toBeEnabled();
  await zone.press('ArrowDown');
  await expect(choices.filter({ hasText: here }), 'the list opens at what is chosen').toBeInViewport();
  for (const asked of ['UTC+5:30', 'calcutta', 'india']) {
    await zone.fill(asked);
    await expect(choices.filter({ hasText: 'Asia/Kolkata' }), asked).toContainText('India · UTC+5:30');
    await expect(choices.filter({ hasText: here })).toHaveCount(0);
  }
  await zone.fill('Nowhere');
  await expect(choices).toHaveText('Nothing here is called that.');
  await zone.press('Escape');
  await expect(zone, 'nothing was chosen').toHaveValue(here.replaceAll('_', ' '));
  await zone.fill('kathm');
  await expect(choices).toHaveCount(1);
  await zone.press('Enter');
  await expect(zone).toHaveValue('Asia/Kathmandu');
  await expect(page.getByText(/^UTC\+5:45\. It is .* there now\.$/)).toBeVisible();
  await expect(page.getByText('Saved.', { exact: true })).toBeVisible();
  await page.reload();
  await expect(zone).toHaveValue('Asia/Kathmandu');
  const project = { title: 'Harbour website', description: '', currency: 'EUR', milestones: [] };
  const made = await client.post<{ project: { id: string; roomId: string } }>(server.url, '/projects', project);
  const { id, roomId } = made.project;
  await freelancer.register(server.url);
  const invited = await client.post<{ invitation: { id: string } }>(server.url, `/projects/${id}/invitations`, {
    username: freelancer.username,
    role: 'freelancer',
  });
  await freelancer.post(server.url, `/invitations/${invited.invitation.id}/acceptance`, {});

  // Another story may have moved the clock of this server.
  const { now } = await client.post<{ now: string }>(server.url, '/test/clock', { advanceSeconds: 0 });
  await change(client, server.url, { timeZone: zoneWhere(true, Date.parse(now)) });
  await freelancer.page.setViewportSize({ width: 1440, height: 900 });
  await freelancer.page.goto(`${server.url}/rooms/${roomId}`);
  await expect(panel(freelancer.page).getByText(/Local time for Ana Silva: .*outside working hours/)).toBeAttached();
  await expect(panel(freelancer.page).getByText(/\d:\d\d.* for Ana$/)).toBeVisible();
  await ask(freelancer.page, 'Ana Silva', 'Send a direct message');
  await expect(freelancer.page.getByRole('heading', { level: 1, name: 'Ana Silva' })).toBeVisible();
  const heading = freelancer.page.getByRole('heading', { level: 1, name: 'Ana Silva' });
  await expect(
    freelancer.page
      .getByRole('main')
      .filter({ has: heading })
      .getByText(/\d:\d\d.* for Ana$/)
      .first(),
  ).toBeVisible();
  await expect
    .poll(async () => (await freelancer.timeline.boundingBox())?.height, {
      message: 'straight from another room, this one has the whole height too',
    })
    .toBeGreaterThan(500);
  await freelancer.say('Hello Ana');
  await expect(freelancer.timeline.getByText('The conversation begins here')).toBeVisible();
  await expect(freelancer.timeline.getByText('joined', { exact: false }), 'nobody comes in').toHaveCount(0);

  const working = zoneWhere(false, Date.parse(now));
  if (working) {
    await change(client, server.url, { timeZone: working });
    await freelancer.page.goto(`${server.url}/rooms/${roomId}`);
    await expect(panel(freelancer.page).getByText('Ana Silva').first()).toBeVisible();
    await freelancer.page.waitForLoadState('networkidle');
    await expect(freelancer.page.getByText(/for Ana$/)).toHaveCount(0);
  }
});

test('UX 15 who is not in the project is offered an invitation under an @, by keyboard, to its owner alone', async ({
  visit,
  server,
}) => {
  const { client, freelancer } = await twoInRoom(visit, [server, server]);
  const other = { title: 'Lighthouse brochure', description: '', currency: 'EUR', milestones: [] };
  const made = await client.post<{ project: { roomId: string } }>(server.url, '/projects', other);
  const { page } = client;
  await page.goto(`${server.url}/rooms/${made.project.roomId}`);
  await expect(page.getByRole('status', { name: 'Connection' })).toHaveText('Live');
  const composer = page.getByRole('textbox', { name: 'Message', exact: true });
  await composer.pressSequentially('Ask @fri');
  const list = page.getByRole('listbox', { name: 'People to mention' });
  const outside = list.getByRole('group', { name: 'Not in this project' });
  await expect(outside.getByRole('option', { name: 'Invite Frida Freelancer to this project' })).toHaveAttribute(
    'aria-selected',
    'true',
  );
  await composer.press('Escape');
  await expect(list).toBeHidden();
  await composer.press('d');
  await composer.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Invite people' });
  await expect(dialog.getByLabel('Username')).toHaveValue(freelancer.username);
  await dialog.getByRole('button', { name: 'Send invitation' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Done' }).click();
  await expect(composer).toHaveValue('Ask @frid');

  await composer.fill('');
  await composer.pressSequentially('@new.person@example.com');
  await expect(outside.getByRole('option', { name: 'Invite new.person@example.com to this project' })).toBeVisible();
  await composer.press('ArrowDown');
  await composer.press('Tab');
  await expect(dialog.getByLabel('E-mail address')).toHaveValue('new.person@example.com');
  await page.keyboard.press('Escape');
  await expect(composer).toBeFocused();

  const theirs = freelancer.page.getByRole('textbox', { name: 'Message', exact: true });
  await theirs.pressSequentially('@somebody');
  await expect(freelancer.page.getByRole('listbox')).toHaveCount(0);
});

test('UX 16 who is blocked sees the conversation close at once, in words, and open again', async ({
  visit,
  server,
}) => {
  const { client, freelancer } = await twoInRoom(visit, [server, server]);
  const { roomId } = await client.post<{ roomId: string }>(server.url, '/rooms/direct', {
    username: freelancer.username,
  });
  for (const { page } of [client, freelancer]) {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(`${server.url}/rooms/${roomId}`);
  }
  const composer = freelancer.page.getByRole('textbox', { name: 'Message', exact: true });
  await expect(composer).toBeVisible();
  await ask(client.page, 'Frida Freelancer', 'Block Frida Freelancer');
  await client.page.getByRole('alertdialog').getByRole('button', { name: 'Block Frida Freelancer' }).click();
  await expect(freelancer.page.getByText('This conversation is closed, so nothing can be sent here.')).toBeVisible();
  await expect(composer).toBeHidden();
  await expect(panel(freelancer.page).getByText(/Drop files/), 'nor anything dropped').toHaveCount(0);
  await freelancer.page.reload();
  await expect(freelancer.page.getByText('This conversation is closed, so nothing can be sent here.')).toBeVisible();
  await expect(composer).toBeHidden();
  await ask(client.page, 'Frida Freelancer', 'Unblock');
  await expect(composer).toBeVisible();
  await expect(freelancer.timeline.getByText('This conversation is open again')).toBeVisible();
});

test('E17 L7 who comes back after he was removed reads for how long he was away, and what he was told before leads nowhere meanwhile', async ({
  visit,
  server,
  line,
}) => {
  // The room is a 404 to who is not in it.
  line.mayRefuse = true;
  const { client, freelancer, roomId, projectId } = await twoInRoom(visit, [server, server]);
  await client.say(`Look at this, @${freelancer.username}?`);
  await expect(freelancer.message('Look at this')).toBeVisible();
  await expect(client.message('Look at this')).toContainText('Seen by Frida Freelancer');
  const path = `${server.url}/api/v1/rooms/${roomId}/members`;
  const { context } = client;
  const members = (await (await context.request.get(`${server.url}/api/v1/rooms/${roomId}`)).json()) as {
    members: { userId: string; username: string }[];
  };
  const id = members.members.find(({ username }) => username === freelancer.username)?.userId ?? '';
  await context.request.delete(`${path}/${id}`, { headers: { origin: server.url } });
  const { page } = freelancer;
  await expect(page.getByText('You are no longer in this room')).toBeVisible();
  await page.goto(`${server.url}/notifications`);
  const told = page.getByRole('listitem').filter({ hasText: 'mentioned you' });
  await expect(told).toContainText('You are no longer part of this project.');
  await expect(told.getByRole('link')).toHaveCount(0);
  await client.say('Between us');
  await page.goto(`${server.url}/rooms/${roomId}`);
  await expect(page.getByRole('heading', { name: 'This is not open to you' })).toBeVisible();
  const { invitation } = await client.post<{ invitation: { id: string } }>(
    server.url,
    `/projects/${projectId}/invitations`,
    { username: freelancer.username, role: 'freelancer', history: 'join' },
  );
  await freelancer.post(server.url, `/invitations/${invitation.id}/acceptance`, {});
  await page.goto(`${server.url}/rooms/${roomId}`);
  await expect(
    freelancer.timeline.getByText(/^You were not part of this project (from .* to|for a moment at) /),
  ).toBeVisible();
  await expect(freelancer.message('Look at this')).toBeVisible();
  await expect(page.getByText('Between us')).toHaveCount(0);
  await client.say('And now?');
  await expect(client.message('And now?')).toContainText('Seen by Frida Freelancer');
  await expect(client.message('Between us'), 'nobody saw it').not.toContainText('Seen by');
});

test('UX 16 every person in the panel has a menu; one leaves the project there or in the room’s menu', async ({
  visit,
  server,
}) => {
  const { client, freelancer, projectId } = await twoInRoom(visit, [server, server]);
  for (const { page } of [client, freelancer]) await page.setViewportSize({ width: 1440, height: 900 });
  await change(freelancer, server.url, { headline: 'Brand design', bio: 'Calm sites.' });
  await ask(client.page, 'Frida Freelancer', 'View profile');
  const profile = client.page.getByRole('dialog', { name: 'Frida Freelancer' });
  await expect(profile.getByText('Brand design')).toBeVisible();
  await client.page.keyboard.press('Escape');
  await expect(panel(client.page).getByRole('button', { name: 'Actions for Frida Freelancer' })).toBeFocused();

  await client.page.keyboard.press('Enter');
  await expect(client.page.getByRole('menuitem', { name: 'Send a direct message' })).toBeFocused();
  await client.page.getByRole('menuitem', { name: 'Mention' }).click();
  const composer = client.page.getByRole('textbox', { name: 'Message', exact: true });
  await expect(composer).toBeFocused();
  await expect(composer).toHaveValue(`@${freelancer.username} `);

  await ask(client.page, 'Frida Freelancer', 'Block Frida Freelancer');
  await client.page.getByRole('alertdialog').getByRole('button', { name: 'Block Frida Freelancer' }).click();
  await expect(client.page.getByText('Frida Freelancer is blocked.')).toBeVisible();
  await ask(client.page, 'Frida Freelancer', 'Unblock');
  await expect(client.page.getByText('Frida Freelancer is no longer blocked.')).toBeVisible();

  await panel(freelancer.page).getByRole('button', { name: 'Actions for Clara Client' }).click();
  await expect(freelancer.page.getByRole('menuitem', { name: 'Send a direct message' })).toBeVisible();
  await expect(freelancer.page.getByRole('menuitem', { name: 'Remove from project' })).toHaveCount(0);
  await freelancer.page.keyboard.press('Escape');
  await freelancer.page.getByRole('button', { name: 'Room actions' }).click();
  await expect(freelancer.page.getByRole('menuitem', { name: 'Leave project' })).toBeVisible();
  await freelancer.page.keyboard.press('Escape');
  await ask(freelancer.page, 'Frida Freelancer', 'Leave project');
  await freelancer.page.getByRole('alertdialog').getByRole('button', { name: 'Leave project' }).click();
  await expect(freelancer.page).toHaveURL(/\/messages$/);
  await expect(freelancer.page.getByText('You left Harbour website.')).toBeVisible();
  await expect(client.timeline.getByText('left the room')).toBeVisible();

  const invited = await client.post<{ invitation: { id: string } }>(server.url, `/projects/${projectId}/invitations`, {
    username: freelancer.username,
    role: 'freelancer',
  });
  await freelancer.post(server.url, `/invitations/${invited.invitation.id}/acceptance`, {});
  await ask(client.page, 'Frida Freelancer', 'Remove from project');
  await client.page.getByRole('alertdialog').getByRole('button', { name: 'Remove from project' }).click();
  await expect(client.timeline.getByText('removed Frida Freelancer from the room')).toBeVisible();
});

test('UX 16 the line of a changed milestone says what changed', async ({ visit, server }) => {
  const { client, freelancer, projectId } = await twoInRoom(visit, [server, server]);
  const answer = await client.context.request.get(`${server.url}/api/v1/rooms/${client.page.url().split('/').at(-1)}`);
  const { milestones } = (await answer.json()) as { milestones: { id: string }[] };
  const [milestone] = milestones;
  expect(projectId).not.toBe('');
  for (const data of [{ amountMinor: 150_000 }, { title: 'Second draft', criteria: 'Five screens' }]) {
    await client.context.request.patch(`${server.url}/api/v1/milestones/${milestone?.id}`, {
      data,
      headers: { origin: server.url },
    });
  }
  for (const { timeline } of [client, freelancer]) {
    await expect(timeline.getByText('changed the amount of ‘First draft’ from €1,200.00 to €1,500.00')).toBeVisible();
    await expect(
      timeline.getByText('changed ‘First draft’: title to ‘Second draft’ and when it counts as done'),
    ).toBeVisible();
  }
});

test('UX 44 who is invited stands in the room from its first drawing on', async ({ visit, server }) => {
  const client = await visit('Ina Inviter', 'client');
  await client.register(server.url);
  const { project } = await client.post<{ project: { id: string; roomId: string } }>(server.url, '/projects', {
    title: 'Harbour website',
    description: '',
    currency: 'EUR',
    milestones: [],
  });
  await client.post(server.url, `/projects/${project.id}/invitations`, {
    email: 'newcomer@example.com',
    role: 'freelancer',
  });
  const drawn = await client.context.request.get(`${server.url}/rooms/${project.roomId}`);
  // As it is before any script runs.
  const page = (await drawn.text()).replaceAll(/<script[^]*?<\/script>/g, '');
  expect(page).toMatch(/n•••@example\.com<\/p>[^]{0,200}as freelancer, until/i);
});
