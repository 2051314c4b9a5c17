import { randomBytes } from 'node:crypto';
import { expectAgreement } from '../agreement.ts';
import {
  attach,
  card,
  choose,
  drop,
  dropEmptyFolder,
  Folder,
  megabyte,
  openUploads,
  percentOf,
  pixel,
  sendElsewhere,
  throttle,
  uploads,
} from '../files.ts';
import { expect, test, twoInRoom } from '../fixtures.ts';

const folder = new Folder();
test.beforeAll(() => folder.open());
test.afterAll(() => folder.close());

test('F07 H06 UX 21 files dropped on the room appear for the other person at once, each one fact', async ({
  visit,
  server,
}) => {
  const { client, freelancer, roomId } = await twoInRoom(visit, [server, server]);
  await drop(client.page, { 'brief.txt': 'What it should be', 'figures.csv': 'a,b\n1,2' });
  for (const name of ['brief.txt', 'figures.csv']) {
    await expect(card(freelancer, name)).toBeVisible();
    await expect(card(client, name)).toHaveCount(1);
  }
  await openUploads(client);
  await expect(uploads(client).getByText('In the room')).toHaveCount(2);
  for (const { timeline } of [client, freelancer]) await expect(timeline).toContainText('dropped 2 files');
  const download = freelancer.page.waitForEvent('download');
  await card(freelancer, 'brief.txt').getByRole('link', { name: 'Download brief.txt' }).click();
  expect((await download).suggestedFilename()).toBe('brief.txt');
  await expectAgreement(server.url, roomId, { visitor: client }, { visitor: freelancer });
});

test('G04 UX 21 a pasted screenshot and a chosen file wait for Send, then go with the message that names them', async ({
  visit,
  server,
}) => {
  const { client, freelancer, roomId } = await twoInRoom(visit, [server, server]);
  const opened: string[] = [];
  client.page.on('request', (request) => request.url().endsWith('/api/v1/uploads') && opened.push(request.url()));
  const send = client.page.getByRole('button', { name: 'Send', exact: true });
  const composer = client.page.getByRole('textbox', { name: 'Message', exact: true });
  await expect(send).toBeDisabled();
  const paste = () =>
    composer.evaluate((box, pixel) => {
      const clipboardData = new DataTransfer();
      const bytes = Uint8Array.from(atob(pixel), (sign) => sign.charCodeAt(0));
      clipboardData.items.add(new File([bytes], 'image.png', { type: 'image/png' }));
      box.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    }, pixel);
  await composer.focus();
  await paste();
  const attached = client.page.getByRole('list', { name: 'Files of your message' });
  await expect(attached).toContainText(/Screenshot .*\.png/);
  await expect(attached.locator('img')).toBeVisible();
  await expect(send, 'a picture says enough').toBeEnabled();
  await attached.getByRole('button', { name: /^Leave Screenshot/ }).click();
  await expect(attached).toHaveCount(0);
  await expect(send).toBeDisabled();
  await paste();
  await client.page.getByRole('button', { name: 'Add files' }).click();
  const chooser = client.page.waitForEvent('filechooser');
  await client.page.getByRole('menuitem', { name: 'Choose files…' }).click();
  await (await chooser).setFiles(await folder.file('notes.md', '# Notes'));
  await expect(attached.getByRole('listitem')).toHaveCount(2);
  await client.page.getByRole('link', { name: 'Dashboard' }).first().click();
  await expect(client.page).toHaveURL(/dashboard/);
  await client.page.goBack();
  await expect(attached.getByRole('listitem'), 'another page forgets nothing').toHaveCount(2);
  expect(opened, 'nothing is sent before').toEqual([]);
  await client.say('Here is how it looks');
  const files = freelancer.message('Here is how it looks').getByRole('list', { name: 'Files' });
  await expect(files).toContainText(/Screenshot .*\.png/);
  await expect(files).toContainText('notes.md');
  await expect(attached).toHaveCount(0);
  await expect(composer).toHaveValue('');
  expect(opened, 'what was forgotten is not sent').toHaveLength(2);
  await choose(client, await folder.file('alone.txt', 'Without words'));
  await expect(card(freelancer, 'alone.txt')).toHaveCount(1);
  await expect(attached).toHaveCount(0);
  await expectAgreement(server.url, roomId, { visitor: client }, { visitor: freelancer });
});

test('G04 UX 26 a file that the server refuses holds its message back with all its words, and leaving it out sends them', async ({
  visit,
  server,
  line,
}) => {
  line.mayRefuse = true;
  const { client, freelancer } = await twoInRoom(visit, [server, server]);
  const { page } = client;
  const composer = page.getByRole('textbox', { name: 'Message', exact: true });
  const attached = page.getByRole('list', { name: 'Files of your message' });
  const send = page.getByRole('button', { name: 'Send', exact: true });
  await attach(
    client,
    await folder.file('plan.txt', 'What is to be done'),
    await folder.file('picture.png', `MZ${'\0'.repeat(200)}This program cannot be run in DOS mode.`),
  );
  await expect(attached.getByRole('listitem')).toHaveCount(2);
  await composer.fill('Both are needed');
  await send.click();
  await expect(page.getByText('Not sent yet: a file was refused.')).toBeVisible();
  await expect(attached.getByRole('listitem').filter({ hasText: 'picture.png' })).toContainText(/not what .png says/i);
  await expect(composer, 'to be written on').toBeEditable();
  await expect(composer).toHaveValue('Both are needed');
  await send.click();
  await expect(page.getByText('Not sent yet: a file was refused.'), 'refused again').toBeVisible();
  await attached.getByRole('button', { name: /^Leave picture.png/ }).click();
  await send.click();
  const files = freelancer.message('Both are needed').getByRole('list', { name: 'Files' });
  await expect(files.getByRole('listitem')).toHaveCount(1);
  await expect(files).toContainText('plan.txt');
  await expect(attached).toHaveCount(0);
  await expect(composer).toHaveValue('');
});

test('G04 UX 10 a message goes with its files after its room was left, once, and is no draft any more', async ({
  visit,
  server,
}) => {
  const { client, freelancer } = await twoInRoom(visit, [server, server]);
  const { page } = client;
  await throttle(client, megabyte);
  await attach(client, await folder.file('slow.bin', randomBytes(4 * megabyte)));
  await client.say('While I look elsewhere');
  await expect(page.getByText('The message goes as soon as its files have arrived.')).toBeVisible();
  await page.getByRole('link', { name: 'Dashboard' }).first().click();
  await throttle(client, -1);
  const message = freelancer.message('While I look elsewhere');
  await expect(message.getByRole('list', { name: 'Files' })).toContainText('slow.bin');
  await page.goBack();
  await expect(client.message('While I look elsewhere')).toHaveCount(1);
  await expect(page.getByRole('textbox', { name: 'Message', exact: true })).toHaveValue('');
  await expect(page.getByRole('list', { name: 'Files of your message' })).toHaveCount(0);
  await expect(message).toHaveCount(1);
});

test('G04 UX 25 UX 26 a file that is taken back on its way keeps the words about it with their writer', async ({
  visit,
  server,
}) => {
  const { client, freelancer } = await twoInRoom(visit, [server, server]);
  const { page } = client;
  const composer = page.getByRole('textbox', { name: 'Message', exact: true });
  const attached = page.getByRole('list', { name: 'Files of your message' });
  await throttle(client, megabyte);
  for (const takeBack of [
    () => attached.getByRole('button', { name: /^Leave slow.bin/ }).click(),
    async () => {
      await openUploads(client);
      await uploads(client).getByRole('button', { name: 'Cancel slow.bin' }).click();
    },
  ]) {
    await attach(client, await folder.file('slow.bin', randomBytes(12 * megabyte)));
    await composer.fill('See the attached file');
    await composer.press('Enter');
    await expect(page.getByText('The message goes as soon as its files have arrived.')).toBeVisible();
    await takeBack();
    await expect(composer).toBeEditable();
    await expect(composer).toHaveValue('See the attached file');
    await expect(client.message('See the attached file')).toHaveCount(0);
  }
  await composer.press('Enter');
  await expect(freelancer.message('See the attached file')).toHaveCount(1);
});

test('UX 21 files dropped on what is being written go with it; anywhere else they go at once', async ({
  visit,
  server,
}) => {
  const { client, freelancer } = await twoInRoom(visit, [server, server]);
  const { page } = client;
  const transfer = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['What it should be'], 'brief.txt'));
    return transfer;
  });
  await page.dispatchEvent('body', 'dragenter', { dataTransfer: transfer });
  await expect(page.getByText('Drop files into Harbour website')).toBeVisible();
  const composer = page.getByRole('textbox', { name: 'Message', exact: true });
  await composer.dispatchEvent('dragover', { dataTransfer: transfer });
  await expect(page.getByText('Add to your message')).toBeVisible();
  await composer.dispatchEvent('drop', { dataTransfer: transfer });
  await expect(page.getByRole('list', { name: 'Files of your message' })).toContainText('brief.txt');
  await client.say('With my words');
  await expect(freelancer.message('With my words').getByRole('list', { name: 'Files' })).toContainText('brief.txt');
});

test('UX 21 a chosen folder keeps the names of its folders, and each file is saved under its own', async ({
  visit,
  server,
}) => {
  const { client, freelancer } = await twoInRoom(visit, [server, server]);
  await folder.file('site/index.txt', 'the page');
  await folder.file('site/img/index.txt', 'a picture of it');
  await client.page.getByLabel('Choose a folder…').setInputFiles(folder.at('site'));
  await expect(card(freelancer, 'site/index.txt')).toBeVisible();
  await expect(card(freelancer, 'site/img/index.txt')).toContainText('site/img/index.txt');
  const download = freelancer.page.waitForEvent('download');
  await card(freelancer, 'site/img/index.txt').getByRole('link', { name: 'Download site/img/index.txt' }).click();
  expect((await download).suggestedFilename()).toBe('index.txt');

  await dropEmptyFolder(client.page);
  await expect(client.page.getByText('There is no file in it, so nothing was added.')).toBeVisible();
});

test('H06 UX 25 an upload is paused, followed to another page, resumed and cancelled', async ({
  visit,
  server,
  line,
}) => {
  line.mayBreak = true;
  const { client, freelancer } = await twoInRoom(visit, [server, server]);
  await throttle(client, 2 * megabyte);
  await choose(
    client,
    await folder.file('film.bin', randomBytes(12 * megabyte)),
    await folder.file('other.bin', randomBytes(12 * megabyte)),
  );
  await expect(client.page.getByRole('banner').getByText('Uploading 2 files').last()).toBeVisible();
  await expect(uploads(client), 'nothing is covered before it is asked for').toHaveCount(0);
  await openUploads(client);
  await expect.poll(() => percentOf(client, 'film.bin')).toBeGreaterThan(0);
  await uploads(client).getByRole('button', { name: 'Pause film.bin' }).click();
  await expect(uploads(client)).toContainText('Paused');
  await client.page.getByRole('link', { name: 'Dashboard' }).first().click();
  await expect(client.page.getByRole('heading', { level: 1, name: /Dashboard|Hello|Welcome|Good/ })).toBeVisible();
  await expect(uploads(client), 'another page is not covered by what was opened on the one before').toHaveCount(0);
  await openUploads(client);
  await expect(uploads(client)).toContainText('film.bin');
  const asked = client.page.waitForEvent('dialog');
  const leaving = client.page.close({ runBeforeUnload: true });
  const dialog = await asked;
  expect(dialog.type(), 'leaving asks while something is in flight').toBe('beforeunload');
  await dialog.dismiss();
  await leaving;
  await uploads(client).getByRole('button', { name: 'Cancel other.bin' }).click();
  await throttle(client, -1);
  await uploads(client).getByRole('button', { name: 'Resume film.bin' }).click();
  await expect(uploads(client)).toContainText('In the room');
  await expect(card(freelancer, 'film.bin')).toBeVisible();
  await expect(card(freelancer, 'other.bin')).toHaveCount(0);
});

test('UX 25 a folder that was dropped by mistake is cancelled as a whole, and its room in the quota comes back', async ({
  visit,
  server,
  line,
}) => {
  line.mayBreak = true;
  const { client, roomId } = await twoInRoom(visit, [server, server]);
  const names = ['one', 'two', 'three', 'four'];
  for (const name of names) await folder.file(`mistake/${name}.bin`, randomBytes(2 * megabyte));
  await throttle(client, megabyte / 2);
  await client.page.getByLabel('Choose a folder…').setInputFiles(folder.at('mistake'));
  await expect(client.page.getByRole('button', { name: /^Uploads: Uploading 4 files/ })).toBeVisible();
  await openUploads(client);
  const title = uploads(client).getByRole('heading', { level: 2 });
  expect(await title.evaluate((it) => it.scrollWidth <= it.clientWidth), 'its own buttons leave room').toBe(true);
  await uploads(client).getByRole('button', { name: 'Cancel all' }).click();
  const asking = client.page.getByRole('alertdialog', { name: 'Cancel 4 uploads?' });
  await expect(asking.getByRole('button', { name: 'Go on uploading' })).toBeVisible();
  await asking.getByRole('button', { name: 'Cancel 4 uploads' }).click();
  await expect(asking).toHaveCount(0);
  await expect(uploads(client)).toHaveCount(0);
  await throttle(client, -1);
  const used = async () => {
    const answer = await client.context.request.get(`${server.url}/api/v1/rooms/${roomId}/storage`);
    return ((await answer.json()) as { room: { usedBytes: number } }).room.usedBytes;
  };
  await expect.poll(used).toBe(0);
  await client.page.getByRole('link', { name: 'Dashboard' }).first().click();
  await expect(client.page.getByRole('heading', { level: 1, name: /Hello/ }), 'nothing stays in the way').toBeVisible();
});

test('G13 UX 24 while a person sends as many files as he may elsewhere, the next waits for its turn, and goes on by itself', async ({
  visit,
  server,
  line,
}) => {
  line.mayRefuse = true;
  const { client, freelancer, roomId } = await twoInRoom(visit, [server, server]);
  const end = await sendElsewhere(client, server.url, roomId);
  await choose(client, await folder.file('patient.txt', 'It can wait'));
  await openUploads(client);
  await expect(uploads(client)).toContainText('Waiting for its turn');
  await expect(uploads(client)).not.toContainText(/lost|failed|Try again/i);
  end();
  await expect(card(freelancer, 'patient.txt')).toHaveCount(1, { timeout: 20_000 });
  await expect(uploads(client)).toContainText('In the room');
});

test('T-F25 UX 24 the server dies half way through an upload: it goes on from there, and becomes one file', async ({
  visit,
  line,
  startServer,
}) => {
  line.mayBreak = true;
  const server = await startServer();
  const { client, freelancer, roomId } = await twoInRoom(visit, [server, server]);
  const size = 40 * megabyte;
  const offsets: number[] = [];
  client.page.on('request', (request) => {
    if (request.method() === 'PATCH') offsets.push(Number(request.headers()['upload-offset']));
  });
  await throttle(client, 10 * megabyte);
  await choose(client, await folder.file('large.bin', randomBytes(size)));
  await openUploads(client);
  await expect.poll(() => percentOf(client, 'large.bin'), { intervals: [50] }).toBeGreaterThanOrEqual(50);
  await server.kill();
  await expect(uploads(client)).toContainText('goes on by itself');
  await throttle(client, -1);
  await server.start();
  await expect(card(freelancer, 'large.bin')).toHaveCount(1, { timeout: 45_000 });
  // What the browser counts as sent is ahead of what lies on the disk by what the lines between them hold.
  expect(offsets.at(-1), 'continued').toBeGreaterThanOrEqual(size * 0.25);
  await expectAgreement(server.url, roomId, { visitor: client }, { visitor: freelancer });
});

test('UX 24 after a reload the queue still knows the upload, and the same file chosen again resumes', async ({
  visit,
  server,
  line,
}) => {
  line.mayBreak = true;
  const { client, freelancer } = await twoInRoom(visit, [server, server]);
  const path = await folder.file('again.bin', randomBytes(16 * megabyte));
  await throttle(client, 4 * megabyte);
  await choose(client, path);
  await openUploads(client);
  await expect.poll(() => percentOf(client, 'again.bin'), { intervals: [50] }).toBeGreaterThanOrEqual(40);
  await uploads(client).getByRole('button', { name: 'Pause again.bin' }).click();
  await client.page.reload();
  await openUploads(client);
  await expect(uploads(client)).toContainText('Choose the file again');
  const offsets: number[] = [];
  client.page.on('request', (request) => {
    if (request.method() === 'PATCH') offsets.push(Number(request.headers()['upload-offset']));
  });
  await throttle(client, -1);
  await choose(client, path);
  await expect(card(freelancer, 'again.bin')).toHaveCount(1);
  expect(offsets).toHaveLength(1);
  expect(offsets[0]).toBeGreaterThanOrEqual(16 * megabyte * 0.3);
});
