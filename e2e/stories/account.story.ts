import { expect, test } from '../fixtures.ts';
import { linkMailedTo } from '../mail.ts';

const newPassword = 'another horse entirely';

test('A01 A16 A18 sign up, confirm the address from the mail, change the profile and see it live elsewhere', async ({
  visit,
  server,
  line,
}) => {
  line.mayRefuse = true;
  const nora = await visit('Nora Field', 'freelancer');
  const { page } = nora;
  await page.goto(`${server.url}/settings`);
  await expect(page).toHaveURL(/\/signin\?next=%2Fsettings/);
  await page.getByRole('link', { name: 'Create an account' }).click();
  await nora.signUp();
  await expect(page, 'A08 back to where one was going').toHaveURL(/\/settings/);
  await expect(page.getByRole('status', { name: 'Connection' })).toHaveText('Live');

  const { pathname, search } = new URL(await linkMailedTo(server, nora.email, /\/verify\?token=/));
  for (const time of ['once', 'and again, for the mail is still there']) {
    await page.goto(`${server.url}${pathname}${search}`);
    await expect(page.getByRole('heading', { name: 'Your address is confirmed' }), time).toBeVisible();
  }
  await expect(page.getByRole('heading')).toHaveText('Your address is confirmed already');
  const stranger = (await visit('Other Browser', 'client')).page;
  await stranger.goto(`${server.url}${pathname}${search}`);
  await expect(stranger.getByText(/was used already/), 'said once').toHaveCount(1);
  await expect(stranger.getByText(/Ask for a new one|Request/)).toHaveCount(0);

  const elsewhere = await nora.context.newPage();
  await elsewhere.goto(`${server.url}/profile`);
  await expect(elsewhere.getByRole('status', { name: 'Connection' })).toHaveText('Live');
  await page.goto(`${server.url}/profile`);
  await page.getByLabel('Headline').fill('Calm websites');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await expect(elsewhere.getByLabel('Headline'), 'A15 live in another tab').toHaveValue('Calm websites');
});

test('A05 A06 A07 S09 the sign-up form says what is wrong beside each field and loses nothing', async ({
  visit,
  server,
  line,
}) => {
  line.mayRefuse = true;
  const taken = await visit('Tara Taken', 'client');
  await taken.register(server.url);
  const { page } = await visit('Nils New', 'client');
  await page.goto(`${server.url}/signup`);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByLabel('Your name'), 'focus on the first wrong field').toBeFocused();
  await expect(page.getByLabel('Your name')).toHaveAttribute('aria-invalid', 'true');

  await page.getByLabel('Your name').fill('Nils New');
  await page.getByLabel('Username').fill(taken.username.toUpperCase());
  await expect(page.getByText('This username is taken.')).toBeVisible();
  await page.getByLabel('E-mail address').fill(taken.email.toUpperCase());
  await expect(page.getByText('There is an account with this address.')).toBeVisible();
  await page.getByLabel('Password', { exact: true }).fill('nils');
  await expect(page.getByText('Use at least 10 characters.')).toBeVisible();
  await page.getByLabel('Password', { exact: true }).fill('correct horse battery');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByLabel('Your name'), 'nothing typed is lost').toHaveValue('Nils New');
  await expect(page).toHaveURL(/\/signup/);
});

test('A08 A10 A19 A20 wrong password, reset from the mail, sessions ended elsewhere, sign out', async ({
  visit,
  server,
  line,
}) => {
  line.mayRefuse = true;
  const ida = await visit('Ida Reset', 'client');
  await ida.register(server.url);
  const { page } = ida;
  const stranger = await visit('Ida Elsewhere', 'client');
  await stranger.page.goto(`${server.url}/signin`);
  await stranger.page.getByLabel('E-mail address').fill(ida.email);
  await stranger.page.getByLabel('Password', { exact: true }).fill('not the password');
  await stranger.page.getByRole('button', { name: 'Sign in' }).click();
  await expect(stranger.page.getByRole('alert')).toHaveText('The address or the password is wrong.');
  await stranger.page.getByLabel('Password', { exact: true }).fill(ida.password);
  await stranger.page.getByRole('button', { name: 'Sign in' }).click();
  await expect(stranger.page).toHaveURL(/\/dashboard/);

  await expect(stranger.page.getByRole('status', { name: 'Connection' })).toHaveText('Live');
  // The wrong password was refused; from here on nothing may be, also where a session ends elsewhere.
  line.mayRefuse = false;
  await page.goto(`${server.url}/settings?tab=sessions`);
  await expect(page.getByRole('listitem').filter({ hasText: 'This device' })).toContainText('in use now');
  await page.getByRole('button', { name: 'Sign out everywhere else' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Sign out' }).click();
  await expect(stranger.page, 'UX 38 cut at once').toHaveURL(/\/signin/);
  await expect(stranger.page.getByText('You were signed out. Sign in to go on where you were.')).toBeVisible();

  await page.getByRole('button', { name: /Your account/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(`${server.url}/signin`);

  await page.getByRole('link', { name: 'Forgot it?' }).click();
  // The page before it has a field of that name, too.
  await expect(page.getByRole('heading', { name: 'Forgot your password?' })).toBeVisible();
  await page.getByLabel('E-mail address').fill(ida.email);
  await page.getByRole('button', { name: 'Send the link' }).click();
  await expect(page.getByText('Look in your mail')).toBeVisible();
  const link = await linkMailedTo(server, ida.email, /\/reset\?token=/);
  await page.goto(link);
  await page.getByRole('textbox', { name: 'New password' }).fill(newPassword);
  await page.getByRole('button', { name: 'Set password' }).click();
  await expect(page.getByRole('heading', { name: 'Your password is set' })).toBeVisible();
  await page.getByRole('link', { name: 'Go to sign-in' }).click();
  await page.getByLabel('E-mail address').fill(ida.email);
  await page.getByLabel('Password', { exact: true }).fill(newPassword);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(/\/dashboard/);
  await page.goto(link);
  await expect(page.getByRole('heading', { name: 'This link does not work any more' })).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'New password' })).toBeHidden();
});

test('A19 a session whose cookie is gone ends on the page that is open, and one comes back to it', async ({
  visit,
  server,
  line,
}) => {
  line.mayRefuse = true;
  const ida = await visit('Ida Cookieless', 'client');
  await ida.register(server.url);
  const { page } = ida;
  await page.goto(`${server.url}/settings?tab=notifications`);
  await expect(page.getByRole('status', { name: 'Connection' })).toHaveText('Live');
  await page.context().clearCookies();
  // What the page asks by itself may be quicker than the click.
  const isTurnedAway = expect(page).toHaveURL(/\/signin\?/);
  const box = page.getByRole('checkbox').first();
  await Promise.race([isTurnedAway, box.click({ timeout: 15_000 }).catch(() => undefined)]);
  await isTurnedAway;
  await page.getByLabel('E-mail address').fill(ida.email);
  await page.getByLabel('Password', { exact: true }).fill(ida.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(/\/settings\?tab=notifications/);
});

test('E04 E16 an invited person without an account goes from the mail through sign-up straight into the room', async ({
  visit,
  server,
}) => {
  const owner = await visit('Olga Owner', 'client');
  await owner.register(server.url);
  const { project } = await owner.post<{ project: { id: string } }>(server.url, '/projects', {
    title: 'Lighthouse guide',
    description: '',
    currency: 'EUR',
  });
  const guest = await visit('Gustav Guest', 'freelancer');
  await owner.post(server.url, `/projects/${project.id}/invitations`, { email: guest.email, role: 'freelancer' });
  const { page } = guest;
  await page.goto(await linkMailedTo(server, guest.email, /\/invitations\//));
  await expect(page.getByRole('heading', { name: 'Lighthouse guide' })).toBeVisible();
  await page.getByRole('link', { name: 'Create an account and join' }).click();
  await expect(page.getByText('Olga Owner invited you')).toBeVisible();
  await expect(page.getByLabel('E-mail address')).toHaveValue(guest.email);
  await expect(page.getByRole('radio', { name: /Freelancer/ })).toBeChecked();
  await guest.signUp();
  await expect(page).toHaveURL(/\/rooms\//);
  await expect(guest.timeline).toBeVisible();
});

test('E16 E18 an invitation says whom it is for, and what somebody else can do; the room says whose was taken back', async ({
  visit,
  server,
  line,
}) => {
  line.mayRefuse = true;
  const owner = await visit('Olga Owner', 'client');
  await owner.register(server.url);
  const meant = await visit('Mia Meant', 'freelancer');
  await meant.register(server.url);
  const other = await visit('Otto Other', 'freelancer');
  await other.register(server.url);
  const { project } = await owner.post<{ project: { id: string; roomId: string } }>(server.url, '/projects', {
    title: 'Lighthouse guide',
    description: '',
    currency: 'EUR',
  });
  const { invitation } = await owner.post<{ invitation: { id: string; token: string } }>(
    server.url,
    `/projects/${project.id}/invitations`,
    { username: meant.username, role: 'freelancer' },
  );
  const link = `${server.url}/invitations/${invitation.token}`;
  await owner.page.goto(link);
  await expect(owner.page.getByText('You are in this project already.')).toBeVisible();
  await expect(owner.page.getByRole('link', { name: 'Open the project' })).toBeVisible();

  const { page } = other;
  await page.goto(link);
  await expect(page.getByText(`This invitation is for ${meant.username}`)).toBeVisible();
  await expect(page.getByText(`You are signed in as Otto Other (@${other.username}).`)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Accept as Otto Other' })).toBeVisible();
  await page.getByRole('button', { name: 'Sign in as somebody else' }).click();
  await page.getByLabel('E-mail address').fill(meant.email);
  await page.getByLabel('Password', { exact: true }).fill(meant.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByText(`It is for ${meant.username}.`)).toBeVisible();
  await expect(page.getByText(`This invitation is for ${meant.username}`)).toHaveCount(0);

  await owner.context.request.delete(`${server.url}/api/v1/invitations/${invitation.id}`, {
    headers: { origin: server.url },
  });
  await page.getByRole('button', { name: 'Accept and open the room' }).click();
  await expect(page.getByText('It was taken back by the person who made it.')).toBeVisible();
  await page.goto(`${server.url}/invitations/${invitation.id}`);
  await expect(page.getByRole('heading', { name: 'This invitation was taken back' })).toBeVisible();
  await owner.page.goto(`${server.url}/rooms/${project.roomId}`);
  await expect(owner.timeline.getByText(`took the invitation for ${meant.username} back`)).toBeVisible();

  await page.goto(`${server.url}/signin/link?token=nonsense`);
  await expect(page.getByText('This sign-in link is not valid.')).toBeVisible();
});

test('UX 40 41 S06 the palette and the shortcuts reach every place by keyboard', async ({ visit, server }) => {
  const kim = await visit('Kim Keys', 'client');
  await kim.register(server.url);
  const { page } = kim;
  await page.goto(`${server.url}/dashboard`);
  await expect(page.getByRole('status', { name: 'Connection' })).toHaveText('Live');
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('option').first(), 'help comes last').not.toContainText('Keyboard shortcuts');
  await page.getByPlaceholder('Search rooms, people and actions').fill('sett');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/settings/);
  await page.keyboard.press('g');
  await page.keyboard.press('p');
  await expect(page).toHaveURL(/\/projects/);
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await expect(page.getByRole('dialog').getByText('While you write a message')).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: 'New line' })).toContainText('⇧');
  for (const [what, key] of [
    ['To the message above', '↑'],
    ['To the buttons of the message', 'Tab'],
    ['React to the message', '+'],
  ] as const) {
    await expect(page.getByRole('listitem').filter({ hasText: what })).toContainText(key);
  }
  await page.getByRole('checkbox', { name: 'Single-key shortcuts' }).click();
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog'), 'WCAG 2.1.4 can be switched off').toHaveCount(0);
});

test('UX 57 on a phone the chosen tab of the settings and the chosen page of payments are in sight, on a desk all', async ({
  visit,
  server,
}) => {
  const kim = await visit('Kim Keys', 'client');
  await kim.register(server.url);
  const { page } = kim;
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto(`${server.url}/settings?tab=privacy`);
  await expect(page.getByRole('tab', { name: 'Privacy' })).toBeInViewport({ ratio: 1 });
  await page.getByRole('tab', { name: 'Privacy' }).press('End');
  await expect(page.getByRole('tab', { name: 'Blocked people' })).toBeInViewport({ ratio: 1 });
  await page.getByRole('tab', { name: 'Blocked people' }).press('Home');
  await expect(page.getByRole('tab', { name: 'Profile' })).toBeInViewport({ ratio: 1 });
  await page.goto(`${server.url}/payments/payouts`);
  await expect(page.getByRole('link', { name: 'Payouts' })).toBeInViewport({ ratio: 1 });

  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(`${server.url}/settings`);
  const tabs = page.getByRole('tablist', { name: 'Settings' });
  await expect(tabs.getByRole('tab')).toHaveCount(12);
  expect(await tabs.evaluate((it) => it.scrollWidth - it.clientWidth), 'on a desk none is cut off').toBe(0);
});

test('A04 nothing chosen before the page is awake is lost: until then it cannot be chosen', async ({
  browser,
  server,
}) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${server.url}/signup`);
  await expect(page.getByRole('radio', { name: /Freelancer/ })).toBeDisabled();
  await page.goto(`${server.url}/signin`);
  await page.getByLabel('E-mail address').fill('ada@example.com');
  await page.getByLabel('Password', { exact: true }).fill('not in an address');
  await page.getByLabel('Password', { exact: true }).press('Enter');
  await expect(page.getByLabel('Password', { exact: true }), 'nothing is sent the plain way').toHaveValue(
    'not in an address',
  );
  await expect(page).toHaveURL(`${server.url}/signin`);
  await context.close();
});
