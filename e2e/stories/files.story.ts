import { expectAgreement } from '../agreement.ts';
import { lockedPdf } from '../../server/test/locked-pdf.ts';
import { attach, card, choose, drop, expectClean, Folder, movingPixel, onePage, pixel, send } from '../files.ts';
import { expect, test, twoInRoom } from '../fixtures.ts';

const folder = new Folder();
test.beforeAll(() => folder.open());
test.afterAll(() => folder.close());

test('H05 UX 26 27 what is not taken is refused with the limit, the same name is a new version, an older one comes back', async ({
  visit,
  server,
}) => {
  const { client, freelancer, roomId } = await twoInRoom(visit, [server, server]);
  await attach(client, await folder.file('setup.exe', 'MZ'), await folder.file('plan.txt', 'first'));
  const refusal = client.page.getByRole('dialog', { name: 'This file cannot be added' });
  await expect(refusal).toContainText('Files that end in .exe are not accepted');
  await expect(refusal).toContainText(/Up to 5 GB each, .* left here/);
  await refusal.getByRole('button', { name: 'Add 1 file' }).click();
  await send(client);
  await expect(card(client, 'plan.txt')).toHaveCount(1);
  await attach(client, await folder.file('plan.txt', 'second, and longer'));
  const question = client.page.getByRole('dialog', { name: 'The room has a file of this name' });
  await expect(question.getByRole('checkbox', { name: 'New version of plan.txt' })).toBeChecked();
  const adding = question.getByRole('button', { name: 'Add 1 file' });
  await expect(adding, 'Enter adds what was chosen').toBeFocused();
  await adding.click();
  await send(client);
  await expect(freelancer.timeline.getByRole('article', { name: /added version 2, plan.txt/ })).toBeVisible();
  await card(client, 'plan.txt').last().getByRole('button', { name: 'More for plan.txt' }).click();
  await client.page.getByRole('menuitem', { name: 'Versions and details' }).click();
  const versions = client.page.getByRole('dialog', { name: 'plan.txt' });
  await expect(versions.getByRole('listitem')).toHaveCount(2);
  await versions.getByRole('button', { name: 'Restore version 1 as the newest' }).click();
  await expect(versions.getByRole('listitem')).toHaveCount(3);
  await expect(versions.getByRole('listitem').first()).toContainText('restored from version 1');
  await versions.getByRole('button', { name: 'Open version 2' }).click();
  await expect(client.page.getByRole('dialog', { name: 'plan.txt' })).toContainText('second, and longer');
  await client.page.keyboard.press('Escape');
  await expect(versions.getByRole('listitem'), 'one level back').toHaveCount(3);
  await client.page.keyboard.press('Escape');
  await expect(client.page.getByRole('dialog')).toHaveCount(0);
  await attach(client, await folder.file('plan.txt', 'first'));
  await expect(question).toContainText('Its content is exactly that of version 3');
  await expect(question).toContainText('Left out');
  await question.getByRole('checkbox', { name: 'Add plan.txt once more' }).check();
  await expect(question).toContainText('Becomes version 4');
  await question.getByRole('checkbox').uncheck();
  await question.getByRole('button', { name: 'Close' }).last().click();
  await expect(freelancer.timeline.getByRole('article', { name: /restored version 1 as version 3/ })).toBeVisible();
  await expectAgreement(server.url, roomId, { visitor: client }, { visitor: freelancer });
});

test('H03 X11 two files of one name are joined, and a removed one leaves its name', async ({ visit, server }) => {
  const { client, freelancer, roomId } = await twoInRoom(visit, [server, server]);
  for (const { page } of [client, freelancer]) await drop(page, { 'offer.txt': page === client.page ? 'one' : 'two' });
  await expect(card(client, 'offer.txt')).toHaveCount(2);
  await client.page.getByRole('button', { name: 'Join offer.txt with the earlier file of this name' }).click();
  await expect(freelancer.timeline.getByRole('article', { name: /added version 2, offer.txt/ })).toBeVisible();
  await expect(freelancer.timeline).toContainText('Joined with another file by Clara Client');
  await card(client, 'offer.txt').last().getByRole('button', { name: 'More for offer.txt' }).click();
  await client.page.getByRole('menuitem', { name: 'Remove' }).click();
  await client.page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
  await expect(freelancer.timeline.getByText('Removed by Clara Client').first()).toBeVisible();
  await expect(freelancer.timeline.getByRole('link', { name: 'Download offer.txt' })).toHaveCount(0);
  await expectAgreement(server.url, roomId, { visitor: client }, { visitor: freelancer });
});

test('H10 UX 28 pictures, pages, text and what cannot be shown are looked through with the keyboard alone', async ({
  visit,
  server,
}) => {
  const { client } = await twoInRoom(visit, [server, server]);
  const { page } = client;
  const paths = [
    await folder.file('dot.png', Buffer.from(pixel, 'base64')),
    await folder.file('paper.pdf', onePage('Harbour contract')),
    await folder.file('code.ts', 'export const answer: number = 42;'),
    await folder.file('model.step', 'ISO-10303-21;\u0000\u0001\u0002'),
  ];
  for (const path of paths) {
    await choose(client, path);
    await expect(card(client, path.split('/').at(-1) ?? '')).toBeVisible();
  }
  await page.getByRole('button', { name: 'Open dot.png' }).focus();
  await page.keyboard.press('Enter');
  const viewer = (name: string) => page.getByRole('dialog', { name });
  await expect(viewer('dot.png').getByRole('img', { name: 'dot.png' })).toBeVisible();
  await expect(page.locator('[role=dialog]:focus-within'), 'keys go where the focus is').toBeVisible();
  await page.keyboard.press('+');
  await expect(viewer('dot.png')).toContainText('150%');
  await page.keyboard.press('ArrowRight');
  await expect(viewer('paper.pdf').getByRole('img', { name: 'Page 1' })).toBeVisible();
  await page.keyboard.press('ArrowRight');
  await expect(viewer('code.ts').locator('.hljs-keyword').first()).toHaveText('export');
  await page.keyboard.press('ArrowRight');
  await expect(viewer('model.step')).toContainText('cannot be shown here');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await expect(viewer('paper.pdf')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Open dot.png' })).toBeFocused();
});

test('UX 28 a locked PDF asks for its password, a damaged one says what it is, words of any encoding are read, a GIF moves', async ({
  visit,
  server,
}) => {
  const { client } = await twoInRoom(visit, [server, server]);
  const { page } = client;
  const paths = [
    await folder.file('moving.gif', Buffer.from(movingPixel, 'base64')),
    await folder.file('damaged.pdf', onePage('Harbour contract').slice(0, 200)),
    await folder.file('offer.csv', Buffer.from('Preis;für 5 Stück', 'latin1')),
    await folder.file('locked.pdf', await lockedPdf('sesame 0+')),
  ];
  for (const path of paths) {
    await choose(client, path);
    await expect(card(client, path.split('/').at(-1) ?? '')).toBeVisible();
  }
  await page.getByRole('button', { name: 'Open locked.pdf' }).click();
  const viewer = (name: string) => page.getByRole('dialog', { name });
  await viewer('locked.pdf').getByLabel('Password of the PDF').fill('not this one');
  await page.keyboard.press('Enter');
  await expect(viewer('locked.pdf')).toContainText('This is not the password of this PDF.');
  await viewer('locked.pdf').getByLabel('Password of the PDF').selectText();
  await page.keyboard.type('sesame 0+');
  await page.keyboard.press('Enter');
  await expect(viewer('locked.pdf').getByRole('img', { name: 'Page 1' })).toBeVisible();

  await page.setViewportSize({ width: 360, height: 740 });
  await page.keyboard.press('ArrowLeft');
  const words = viewer('offer.csv').getByRole('region', { name: 'offer.csv' });
  await expect(words).toContainText('für 5 Stück');
  await expect(words).toContainText('It is shown as windows-1252.');
  const [below, shown] = await Promise.all([
    page.getByRole('button', { name: 'Previous file' }).boundingBox(),
    words.boundingBox(),
  ]);
  expect(below?.y, 'on a phone the arrows cover nothing').toBeGreaterThanOrEqual(
    (shown?.y ?? 0) + (shown?.height ?? 0),
  );
  await page.getByRole('button', { name: 'Previous file' }).click();
  await expect(viewer('damaged.pdf')).toContainText('This PDF cannot be read');
  await page.getByRole('button', { name: 'Previous file' }).click();
  await expect(viewer('moving.gif').getByRole('img', { name: 'moving.gif' })).toHaveAttribute('src', /\/content$/);
  await expectClean(page);
  await page.keyboard.press('ArrowRight');
  await expect(viewer('damaged.pdf'), 'the button at the end keeps the focus, and with it the keys').toBeVisible();
});

test('T-B11 hostile names of files are text wherever they are shown', async ({ visit, server }) => {
  const { client, freelancer } = await twoInRoom(visit, [server, server]);
  const names = [
    '<img src=x onerror=globalThis.executed=1>.txt',
    `"><svg onload=globalThis.executed=1>.txt`,
    "javascript:globalThis.executed=1;'.txt",
    '\u202egnp.elif.txt',
    '{{constructor.constructor("globalThis.executed=1")()}}.txt',
  ];
  await drop(client.page, Object.fromEntries(names.map((name) => [name, '<script>globalThis.executed=1</script>'])));
  await expect(freelancer.timeline.getByRole('link', { name: /^Download/ })).toHaveCount(names.length);
  await freelancer.timeline.getByRole('button', { name: /^Open <img/ }).click();
  await expect(freelancer.page.getByRole('dialog')).toContainText('<script>globalThis.executed=1</script>');
  await freelancer.page.keyboard.press('Escape');
  // Closing goes one step back: another journey that begins meanwhile would be cut off by it.
  await expect(freelancer.page).not.toHaveURL(/[?&]file=/);
  await freelancer.page.goto(`${server.url}/files`);
  await expect(freelancer.page.getByRole('main').getByRole('listitem')).toHaveCount(names.length);
  for (const { page } of [client, freelancer]) {
    expect(await page.evaluate(() => Reflect.get(globalThis, 'executed') as unknown)).toBeUndefined();
  }
});

test('UX 29 H08 a link with a password opens for anybody, is told to its maker, and ends when it is taken back', async ({
  visit,
  server,
  line,
}) => {
  line.mayRefuse = true;
  const { client } = await twoInRoom(visit, [server, server]);
  await choose(client, await folder.file('offer.txt', 'what it costs'));
  await card(client, 'offer.txt').getByRole('button', { name: 'More for offer.txt' }).click();
  await client.page.getByRole('menuitem', { name: 'Share by link' }).click();
  const dialog = client.page.getByRole('dialog', { name: 'Share offer.txt' });
  await dialog.getByLabel('Password').fill('open sesame');
  await dialog.getByRole('button', { name: 'Make a link' }).click();
  const address = (await dialog.locator('code').textContent()) ?? '';
  await client.page.evaluate(() => Reflect.deleteProperty(Navigator.prototype, 'clipboard'));
  await dialog.getByRole('button', { name: 'Copy' }).click();
  await expect(client.page.getByText('The browser did not let this be copied.'), 'as over plain http').toBeVisible();
  expect(await client.page.evaluate(() => String(getSelection()))).toBe(address);
  await expectClean(client.page);
  const guest = await visit('Gina Guest', 'client');
  await guest.page.goto(address);
  await expect(guest.page.getByLabel('Password', { exact: true }), 'all that can be done here').toBeFocused();
  await guest.page.keyboard.type('not this one');
  await guest.page.getByRole('button', { name: 'Open' }).click();
  await expect(guest.page.getByText('This is not the password of this link.')).toBeVisible();
  await guest.page.getByLabel('Password', { exact: true }).fill('open sesame');
  await guest.page.getByRole('button', { name: 'Open' }).click();
  await expect(guest.page.getByText('Clara Client shares this file with you.')).toBeVisible();
  await expectClean(guest.page);
  const download = guest.page.waitForEvent('download');
  await guest.page.getByRole('button', { name: 'Download' }).click();
  expect((await download).suggestedFilename()).toBe('offer.txt');
  await guest.page.goto(`${address}x`);
  await expect(guest.page.getByRole('heading', { name: 'This link does not work' }), 'another link').toBeVisible();
  await guest.page.goto(address);
  await expect(guest.page.getByLabel('Password', { exact: true }), 'and back to the first').toBeVisible();
  await expect(dialog, 'who looks at it hears of it').toContainText('1 download');
  await dialog.getByRole('button', { name: 'End' }).click();
  await expect(dialog).toContainText('Ended');
  await guest.page.reload();
  await expect(guest.page.getByRole('heading', { name: 'This link does not work' })).toBeVisible();

  await dialog.getByRole('button', { name: 'Make a link' }).click();
  await expect(dialog.locator('code')).toBeVisible();
  await dialog.getByRole('button', { name: 'End' }).click();
  await expect(dialog.locator('code'), 'a link that has ended is not there to be copied').toHaveCount(0);
  await expect(dialog.getByRole('button', { name: 'Make a link' })).toBeVisible();
});

test('UX 29 30 who got a file is told to its sender, and a room comes as one archive', async ({ visit, server }) => {
  const { client, freelancer } = await twoInRoom(visit, [server, server]);
  await choose(
    client,
    await folder.file('brief.txt', 'words'),
    await folder.file('dot.png', Buffer.from(pixel, 'base64')),
  );
  const link = card(freelancer, 'brief.txt').getByRole('link', { name: 'Download brief.txt' });
  await expect(card(freelancer, 'dot.png').locator('img')).toBeVisible();
  const more = card(client, 'brief.txt').getByRole('button', { name: 'More for brief.txt' });
  const receipts = client.page.getByRole('region', { name: 'Opened and downloaded' });
  await more.click();
  await client.page.getByRole('menuitem', { name: 'Versions and details' }).click();
  await expect(receipts).toContainText('Nobody has opened or downloaded it yet.');
  const download = freelancer.page.waitForEvent('download');
  await link.click();
  await (await download).path();
  await expect(receipts, 'who looks at it hears of it').toContainText('Frida Freelancer', { timeout: 20_000 });
  await client.page.keyboard.press('Escape');
  const archive = freelancer.page.waitForEvent('download');
  await freelancer.page.getByRole('link', { name: 'Download all' }).click();
  expect((await archive).suggestedFilename()).toMatch(/\.zip$/);
  await more.click();
  const own = client.page.waitForEvent('download');
  await client.page.getByRole('menuitem', { name: 'Download' }).click();
  expect((await own).suggestedFilename()).toBe('brief.txt');
  await expect(client.page.getByRole('main'), 'nobody is going anywhere').toHaveAttribute('aria-busy', 'false');
  await more.click();
  await client.page.getByRole('menuitem', { name: 'Versions and details' }).click();
  await expect(receipts).toContainText('Frida Freelancer');
});

test('B06 a picture of oneself is shown wherever one is met, and gone when it is removed', async ({
  visit,
  server,
}) => {
  const { client, freelancer, roomId } = await twoInRoom(visit, [server, server]);
  const { page } = client;
  await page.goto(`${server.url}/settings`);
  await expect(page.locator('html'), 'the page is awake').toHaveAttribute('data-awake', 'true');
  await page.getByLabel('Choose a picture…').setInputFiles(await folder.file('me.png', Buffer.from(pixel, 'base64')));
  const picture = 'img[src*="/avatars/"]';
  await expect(page.getByRole('main').locator(picture)).toBeVisible();
  await client.post(server.url, `/rooms/direct`, { username: freelancer.username });
  const body = `@${freelancer.username}, do you see me?`;
  await client.post(server.url, `/rooms/${roomId}/messages`, { commandId: 'seen', body });
  // Nowhere a room was opened with it: each page learns it from the list of rooms.
  for (const path of ['/projects', '/messages', '/notifications', `/rooms/${roomId}`]) {
    await freelancer.page.goto(server.url + path);
    await expect(freelancer.page.getByRole('main').locator(picture).filter({ visible: true }), path).not.toHaveCount(0);
  }
  await expect(freelancer.message('do you see me?').locator(picture)).toBeVisible();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(page.getByRole('main').locator(picture)).toHaveCount(0);
});

test('H08 L7 who is removed while he looks at a file has neither the file nor the room on his screen, without a reload', async ({
  visit,
  server,
  line,
}) => {
  line.mayRefuse = true;
  const { client, freelancer, roomId } = await twoInRoom(visit, [server, server]);
  await choose(client, await folder.file('secret.txt', 'the terms of another'));
  await card(freelancer, 'secret.txt').getByRole('button', { name: 'Open secret.txt' }).click();
  const viewer = freelancer.page.getByRole('dialog', { name: 'secret.txt' });
  await expect(viewer).toContainText('the terms of another');
  const href = await viewer.getByRole('link', { name: 'Download secret.txt' }).getAttribute('href');
  const members = await freelancer.context.request.get(`${server.url}/api/v1/rooms/${roomId}/members`);
  const { items } = (await members.json()) as { items: { userId: string; username: string }[] };
  const me = items.find(({ username }) => username === freelancer.username)?.userId ?? '';
  const headers = { origin: server.url };
  await client.context.request.delete(`${server.url}/api/v1/rooms/${roomId}/members/${me}`, { headers });
  await expect(viewer).toHaveCount(0);
  await expect(freelancer.page.getByText('the terms of another')).toHaveCount(0);
  await expect(freelancer.page.getByRole('link', { name: 'Download secret.txt' })).toHaveCount(0);
  expect((await freelancer.context.request.get(new URL(href ?? '', server.url).href)).status()).toBe(404);
  await freelancer.page.goto(`${server.url}/files`);
  await expect(freelancer.page.getByRole('heading', { name: 'No files yet' })).toBeVisible();
});

test('H03 a file that is removed is put away where somebody looks at it', async ({ visit, server }) => {
  const { client, freelancer } = await twoInRoom(visit, [server, server]);
  await choose(client, await folder.file('old.txt', 'not meant for you'));
  await card(freelancer, 'old.txt').getByRole('button', { name: 'Open old.txt' }).click();
  await expect(freelancer.page.getByRole('dialog', { name: 'old.txt' })).toContainText('not meant for you');
  await card(client, 'old.txt').getByRole('button', { name: 'More for old.txt' }).click();
  await client.page.getByRole('menuitem', { name: 'Remove' }).click();
  await client.page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
  await expect(freelancer.page.getByRole('dialog')).toHaveCount(0);
  await expect(freelancer.timeline).toContainText('Removed by Clara Client');
});

test('UX 28 H10 a table is shown as one, whatever it holds, an empty file is called empty, and Esc leads back one level', async ({
  visit,
  server,
}) => {
  const { client } = await twoInRoom(visit, [server, server]);
  const { page } = client;
  const hours = ['Day;Hours;Note', ...Array.from({ length: 450 }, (_, at) => `${at + 1};${at % 9};=1+1`)];
  hours[2] = '2;<img src=x onerror="document.title=1">;"two\nlines; and ""quotes"""';
  for (const [name, content] of [
    ['hours.csv', hours.join('\r\n')],
    ['empty.txt', ''],
  ] as const) {
    await choose(client, await folder.file(name, content));
    await expect(card(client, name)).toBeVisible();
  }
  await page.getByRole('button', { name: 'Open hours.csv' }).click();
  const viewer = page.getByRole('dialog', { name: 'hours.csv' });
  await expect(viewer.getByRole('columnheader', { name: 'Hours' })).toBeVisible();
  await expect(viewer.getByRole('cell', { name: /two\s+lines; and "quotes"/ })).toBeVisible();
  await expect(viewer.getByRole('cell', { name: '<img src=x onerror="document.title=1">' })).toBeVisible();
  await expect(viewer.getByRole('row')).toHaveCount(201);
  await viewer.getByRole('group', { name: 'hours.csv' }).focus();
  await expect(async () => {
    await page.keyboard.press('End');
    await expect(viewer.getByRole('row'), 'more rows as one comes to them').toHaveCount(451, { timeout: 1_000 });
  }).toPass();
  await expectClean(page);
  await viewer.getByRole('button', { name: 'Show as text' }).click();
  await expect(viewer).toContainText('Day;Hours;Note');
  await viewer.getByRole('button', { name: 'Versions and details' }).click();
  await expect(page.getByRole('dialog').getByRole('listitem')).toHaveCount(1);
  await page.keyboard.press('Escape');
  await expect(viewer.getByRole('columnheader', { name: 'Hours' }), 'from the versions back to the file').toBeVisible();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('dialog', { name: 'empty.txt' })).toContainText('This file is empty');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Open hours.csv' })).toBeFocused();
});

test('X13 E19 a message counts once with its files, and a file without words is told of between two as a message is', async ({
  visit,
  server,
}) => {
  const { client, freelancer } = await twoInRoom(visit, [server, server]);
  const { page } = client;
  await page.goto(`${server.url}/messages`);
  const unread = (count: string) =>
    page.getByRole('listitem').filter({ hasText: 'Harbour website' }).getByText(count, { exact: true }).first();
  await drop(freelancer.page, { 'draft.txt': 'one' });
  await attach(freelancer, await folder.file('a.txt', 'a'), await folder.file('b.txt', 'b'));
  await freelancer.page.getByRole('textbox', { name: 'Message', exact: true }).fill('Two files for you');
  await send(freelancer);
  await expect(unread('1')).toBeVisible();
  await expect(page).toHaveTitle(/^\(1\)/);
  await page
    .getByRole('link', { name: /Harbour website/ })
    .first()
    .click();
  await expect(client.timeline.getByRole('separator', { name: 'New' })).toBeVisible();
  await expect(page).not.toHaveTitle(/^\(/);

  const { roomId } = await client.post<{ roomId: string }>(server.url, '/rooms/direct', {
    username: freelancer.username,
  });
  await freelancer.page.goto(`${server.url}/rooms/${roomId}`);
  await attach(freelancer, await folder.file('for you.txt', 'two'));
  await send(freelancer);
  await page.goto(`${server.url}/notifications`);
  await page.getByRole('link', { name: 'Frida Freelancer sent you a file' }).click();
  await expect(card(client, 'for you.txt')).toBeVisible();
});
