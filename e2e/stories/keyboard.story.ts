import { randomBytes } from 'node:crypto';
import { cardOf, expectAtMilestone, milestoneOf, proveAddress, setUpPayouts } from '../deal.ts';
import { card, Folder, megabyte, throttle, uploads } from '../files.ts';
import { expect, test } from '../fixtures.ts';
import { Keyboard } from '../keyboard.ts';
import { linkMailedTo } from '../mail.ts';

const folder = new Folder();
test.beforeAll(() => folder.open());
test.afterAll(() => folder.close());

test('UX 60 UX 25 S06 from sign-up to a paid milestone and out again without a mouse, the focus always in sight', async ({
  visit,
  server,
  line,
}) => {
  test.setTimeout(180_000);
  line.mayBreak = true;
  const [kim, frida] = [await visit('Kim Keys', 'client'), await visit('Frida Freelancer', 'freelancer')];
  await frida.register(server.url);
  await proveAddress(server, frida);
  await setUpPayouts(server, frida);
  const { page } = kim;
  const keys = new Keyboard(page);
  const { keyboard } = page;
  const button = (name: string | RegExp) => page.getByRole('button', { name });
  const dialog = page.getByRole('dialog');

  await test.step('register', async () => {
    await page.goto(server.url);
    await expect(page.locator('html')).toHaveAttribute('data-awake', 'true');
    await keys.press(page.getByRole('link', { name: 'Skip to content' }));
    await expect(page.locator('main')).toBeFocused();
    await keys.press(page.getByRole('banner').getByRole('link', { name: /Create|Sign up/ }));
    await expect(page).toHaveURL(/\/signup/);
    await keys.press(page.getByRole('radio', { name: /Client/ }), 'Space');
    await keys.write(/^Your name/, kim.name);
    await keys.write(/^Username/, kim.username);
    await keys.write(/^E-mail address/, kim.email);
    await keys.to(page.getByLabel('Password', { exact: true }));
    await keyboard.type(kim.password);
    await keys.press(button('Create account'));
    await expect(page).toHaveURL(/\/dashboard/);
    await page.goto(await linkMailedTo(server, kim.email, /verify/));
    await expect(page.getByText('Your address is confirmed')).toBeVisible();
    await page.goto(`${server.url}/dashboard`);
    await expect(page.getByRole('status', { name: 'Connection' })).toHaveText('Live');
  });

  await test.step('a project with a milestone and a guest', async () => {
    await keys.press(page.getByRole('main').getByRole('link', { name: 'New project' }).first());
    await expect(page).toHaveURL(/\/projects\/new/);
    await keys.write(/^Title/, 'Harbour website');
    await keys.press(button('Continue'));
    await expect(page.getByRole('heading', { name: 'Plan the milestones' })).toBeFocused();
    await keys.press(button('Add a milestone'));
    await keys.write(/^Title/, 'First draft');
    await keys.write(/^Amount/, '1200');
    await keys.write(/^Done when/, 'Three screens are signed off.');
    await keys.press(button('Continue'));
    await keys.choose(page.getByLabel('Invite by'), page.getByRole('option', { name: 'Username' }));
    await keys.write(/^Username/, frida.username);
    await keys.press(button('Continue'));
    await keys.press(button('Start the project'));
    await expect(page).toHaveURL(/\/projects\/[0-9a-f-]{36}$/);
  });
  const projectId = new URL(page.url()).pathname.split('/').at(-1) ?? '';

  await test.step('a message, and its mistake mended', async () => {
    await keys.press(page.getByRole('link', { name: 'Open room' }).first());
    await keys.to(page.getByRole('textbox', { name: 'Message', exact: true }));
    await keyboard.type('Hello from the keyboad');
    await keyboard.press('Enter');
    await expect(kim.message('Hello from the keyboad')).toContainText('Sent');
    await expect(async () => {
      await keyboard.press('ArrowUp');
      const box = page.getByRole('textbox', { name: 'Message', exact: true });
      await expect(box).toHaveValue('Hello from the keyboad', { timeout: 1_000 });
    }).toPass();
    await keyboard.type(', mended');
    await keyboard.press('Enter');
    await expect(kim.message(', mended')).toContainText('edited');
  });

  await test.step('uploads: choose, pause, cancel, resume, put away', async () => {
    await throttle(kim, megabyte);
    const chooser = page.waitForEvent('filechooser');
    await keys.choose(button('Add files'), page.getByRole('menuitem', { name: 'Choose files…' }));
    const files = ['first.bin', 'second.bin'].map((name) => folder.file(name, randomBytes(6 * megabyte)));
    await (await chooser).setFiles(await Promise.all(files));
    await keys.press(button('Send'));
    await keys.press(button(/^Uploads: /));
    await expect(uploads(kim)).toContainText('second.bin');
    await keys.press(button('Pause first.bin'));
    await expect(uploads(kim)).toContainText('Paused');
    await keys.press(button('Cancel second.bin'));
    await expect(uploads(kim)).not.toContainText('second.bin');
    await throttle(kim, -1);
    await keys.press(button('Resume first.bin'));
    await expect(card(kim, 'first.bin')).toBeVisible();
    await keyboard.press('Escape');
    await expect(uploads(kim)).toHaveCount(0);
    await expect(card(kim, 'second.bin')).toHaveCount(0);
  });

  await test.step('the other side comes in', async () => {
    const mine = await frida.context.request.get(`${server.url}/api/v1/invitations`);
    const [invitation] = ((await mine.json()) as { items: { id: string }[] }).items;
    await frida.post(server.url, `/invitations/${invitation?.id}/acceptance`, {});
  });

  const panel = page.getByRole('complementary');
  await test.step('fund the milestone', async () => {
    await keys.toPart(panel);
    await keys.press(cardOf(kim).getByRole('button', { name: 'Fund' }));
    await keys.choose(dialog.getByLabel('Pay with'), page.getByRole('option', { name: /Without a card/ }));
    await keys.press(dialog.getByRole('button', { name: 'Pay €1,242.35' }));
    await expect(dialog).toBeHidden();
    await expectAtMilestone(kim);
    await keys.press(cardOf(kim).getByRole('button', { name: 'Details' }));
    await keys.press(dialog.getByRole('button', { name: 'Succeed' }));
    await expect(kim.timeline.getByText('‘First draft’ is funded: €1,200.00 is held')).toBeVisible();
    await keyboard.press('Escape');
    await expect(dialog).toBeHidden();
  });

  await test.step('look at what was handed in, approve and pay', async () => {
    const milestone = `/milestones/${await milestoneOf(kim, server.url, projectId)}`;
    await frida.post(server.url, `${milestone}/submission`, { note: 'Three screens.', files: [] });
    await keys.toPart(panel);
    await keys.press(cardOf(kim).getByRole('button', { name: 'Approve' }));
    await expect(dialog.getByText('Three screens.')).toBeVisible();
    await keys.press(dialog.getByRole('button', { name: 'Approve and release €1,200.00' }));
    await expect(kim.timeline.getByText('€1,080.00 for ‘First draft’ reached the freelancer')).toBeVisible();
    await expect(cardOf(kim).getByText('Paid').first()).toBeVisible();
    await expectAtMilestone(kim);
  });

  await test.step('the parts of the page, both ways round, and out', async () => {
    await keys.toPart(page.getByRole('navigation', { name: 'Main' }));
    await expect(page.locator(':focus')).toHaveRole('link');
    await keys.toPart(kim.timeline);
    await keyboard.press('F6');
    await expect(page.getByRole('textbox', { name: 'Message', exact: true })).toBeFocused();
    await keyboard.press('Shift+F6');
    await expect(kim.timeline).toBeFocused();
    await keys.choose(button(/Your account/), page.getByRole('menuitem', { name: 'Sign out' }));
    await expect(page).toHaveURL(`${server.url}/signin`);
  });
});
