import type { Locator, Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';

/** Presses Tab until this has the focus, as somebody without a mouse does. */
async function tabTo(page: Page, wanted: Locator): Promise<void> {
  await expect(wanted).toBeVisible();
  for (let presses = 0; presses < 80; presses++) {
    if (await wanted.evaluate((it) => it === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never came to ${String(wanted)}`);
}

test('S06 from sign-up to a conversation and out again without a mouse', async ({ visit, server }) => {
  const kim = await visit('Kim Keys', 'client');
  const { page } = kim;
  const { keyboard } = page;
  const press = async (wanted: Locator, key = 'Enter') => {
    await tabTo(page, wanted);
    await keyboard.press(key);
  };
  const write = async (label: RegExp, text: string) => {
    await tabTo(page, page.getByRole('textbox', { name: label }));
    await keyboard.type(text);
  };

  await page.goto(server.url);
  await expect(page.locator('html')).toHaveAttribute('data-awake', 'true');
  await press(page.getByRole('banner').getByRole('link', { name: /Create|Sign up/ }));
  await expect(page).toHaveURL(/\/signup/);
  await press(page.getByRole('radio', { name: /Client/ }), 'Space');
  await write(/^Your name/, kim.name);
  await write(/^Username/, kim.username);
  await write(/^E-mail address/, kim.email);
  await tabTo(page, page.getByLabel('Password', { exact: true }));
  await keyboard.type(kim.password);
  await press(page.getByRole('button', { name: 'Create account' }));
  await expect(page).toHaveURL(/\/dashboard/);
  await expect(page.getByRole('status', { name: 'Connection' })).toHaveText('Live');

  await press(page.getByRole('main').getByRole('link', { name: 'New project' }).first());
  await expect(page).toHaveURL(/\/projects\/new/);
  await write(/^Title/, 'Harbour website');
  await press(page.getByRole('button', { name: 'Continue' }));
  await expect(page.getByRole('heading', { name: 'Plan the milestones' })).toBeFocused();
  await press(page.getByRole('button', { name: 'Add a milestone' }));
  await write(/^Title/, 'First draft');
  await write(/^Amount/, '1200');
  await write(/^Done when/, 'Three screens are signed off.');
  await press(page.getByRole('button', { name: 'Continue' }));
  await write(/^E-mail address/, 'frida@example.com');
  await press(page.getByRole('button', { name: 'Continue' }));
  await press(page.getByRole('button', { name: 'Start the project' }));
  await expect(page).toHaveURL(/\/projects\/[0-9a-f-]{36}$/);

  await press(page.getByRole('link', { name: 'Open room' }).first());
  const composer = page.getByRole('textbox', { name: 'Message', exact: true });
  await tabTo(page, composer);
  await keyboard.type('Hello from the keyboad');
  await keyboard.press('Enter');
  await expect(kim.message('Hello from the keyboad')).toContainText('Sent');
  await keyboard.press('ArrowUp');
  await expect(composer).toHaveValue('Hello from the keyboad');
  await keyboard.type(', mended');
  await keyboard.press('Enter');
  await expect(kim.message(', mended')).toContainText('edited');

  await press(page.getByRole('button', { name: /Your account/ }));
  await expect(page.getByRole('menuitem', { name: 'Sign out' })).toBeVisible();
  await keyboard.press('End');
  await expect(page.getByRole('menuitem', { name: 'Sign out' })).toBeFocused();
  await keyboard.press('Enter');
  await expect(page).toHaveURL(`${server.url}/signin`);
});
