import { attach, Folder } from '../files.ts';
import { expect, test, twoInRoom } from '../fixtures.ts';

const folder = new Folder();
test.beforeAll(() => folder.open());
test.afterAll(() => folder.close());

test('G04 UX 26 46 a file that was saved anew after it was chosen says so and holds its message, which goes without it', async ({
  visit,
  server,
  line,
}) => {
  line.mayBreak = true;
  const { client, freelancer } = await twoInRoom(visit, [server, server]);
  const { page } = client;
  const composer = page.getByRole('textbox', { name: 'Message', exact: true });
  const attached = page.getByRole('list', { name: 'Files of your message' });
  await attach(client, await folder.file('plan.txt', 'What is to be done'));
  await expect(attached).toContainText('plan.txt');
  await folder.file('plan.txt', 'What is to be done, and by when');
  await composer.fill('The plan');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(attached).toContainText('Changed or gone since it was chosen. Choose it again.');
  await expect(composer, 'to be written on').toBeEditable();
  await attached.getByRole('button', { name: /^Leave plan.txt/ }).click();
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(freelancer.message('The plan')).toBeVisible();
  await expect(page.getByText(/^Uploading/)).toHaveCount(0);
});

test('UX 6 7 60 files put to a message and left out leave the focus in the writing and the reader at the end; a deleted message keeps it', async ({
  visit,
  server,
}) => {
  const { client, freelancer } = await twoInRoom(visit, [server, server]);
  const { page } = client;
  const composer = page.getByRole('textbox', { name: 'Message', exact: true });
  const attached = page.getByRole('list', { name: 'Files of your message' });
  for (let line = 1; line <= 12; line++) await client.say(`Line ${line}`);
  await expect(client.message('Line 12')).toBeInViewport();
  await page.getByRole('button', { name: 'Room actions' }).focus();
  for (const name of ['first.txt', 'second.txt']) await attach(client, await folder.file(name, name));
  await expect(attached.getByRole('listitem')).toHaveCount(2);
  await expect(composer, 'to write what they are').toBeFocused();
  for (const name of ['first.txt', 'second.txt']) {
    await attached.getByRole('button', { name: `Leave ${name} out of the message` }).press('Enter');
    await expect(composer, 'the button went with the file').toBeFocused();
  }
  await freelancer.say('And where is it?\n\nNo hurry.');
  await expect(client.message('And where is it?')).toBeInViewport({ ratio: 1 });

  await client.openActions('Line 12');
  await page.getByRole('menuitem', { name: 'Delete message' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete message' }).click();
  await expect(client.message('This message was deleted.')).toBeFocused();
});

test('UX 10 a draft is one in all tabs of a person: typed in one it stands in the other, sent it stands in none', async ({
  visit,
  server,
}) => {
  const { client, freelancer } = await twoInRoom(visit, [server, server]);
  const other = await client.context.newPage();
  await other.goto(client.page.url());
  const [here, there] = [client.page, other].map((page) => page.getByRole('textbox', { name: 'Message', exact: true }));
  if (!here || !there) throw new Error('no composer');
  await expect(there).toBeEditable();
  await here.fill('Said once');
  await expect(there).toHaveValue('Said once');
  await here.press('Enter');
  await expect(freelancer.message('Said once')).toBeVisible();
  await expect(there).toHaveValue('');
});
