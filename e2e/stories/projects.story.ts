import { expect, test, twoInRoom } from '../fixtures.ts';

test('S09 E16 the wizard says at once that nobody has a username, and keeps what was typed', async ({
  visit,
  server,
}) => {
  const client = await visit('Clara Client', 'client');
  const freelancer = await visit('Frida Freelancer', 'freelancer');
  await client.register(server.url);
  await freelancer.register(server.url);
  const { page } = client;
  await page.goto(`${server.url}/projects/new`);
  await page.getByLabel('Title').fill('Harbour website');
  await page.getByRole('button', { name: 'Continue' }).click();
  const add = page.getByRole('button', { name: 'Add a milestone' });
  for (const title of ['Design', 'Build']) {
    await add.click();
    await page.getByLabel('Title').last().fill(title);
  }
  await page.setViewportSize({ width: 360, height: 640 });
  await page.getByRole('button', { name: 'Back' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByLabel('Title')).toHaveCount(2);
  await expect.poll(() => page.evaluate(() => scrollY), { message: 'a step begins at its top' }).toBe(0);
  await page.setViewportSize({ width: 1280, height: 720 });
  await page.getByRole('button', { name: 'Remove Design' }).press('Enter');
  await expect(page.getByLabel('Title'), 'UX 60 the next one').toBeFocused();
  await page.getByRole('button', { name: 'Remove Build' }).press('Enter');
  await expect(add, 'UX 60 where there is none left').toBeFocused();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Invite by').click();
  await page.getByRole('option', { name: 'Username' }).click();
  const username = page.getByRole('textbox', { name: 'Username' });
  await username.fill('nobody-here');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(username).toHaveAccessibleDescription(/Nobody here has the username “nobody-here”/);
  await expect(username).toBeFocused();
  await expect(username).toHaveValue('nobody-here');
  await page.getByLabel('Invite by').click();
  await page.getByRole('option', { name: 'E-mail address' }).click();
  await expect(page.getByRole('textbox', { name: 'E-mail address' }), 'of another field').not.toHaveAttribute(
    'aria-invalid',
  );
  await expect(page.getByRole('alert')).toHaveCount(0);
  await page.getByLabel('Invite by').click();
  await page.getByRole('option', { name: 'Username' }).click();
  await expect(username).not.toHaveAttribute('aria-invalid');
  await username.fill(client.username);
  await page.getByRole('button', { name: 'Add to the list' }).click();
  await expect(username).toHaveAccessibleDescription(/This is you/);
  await username.fill(freelancer.username);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: 'Start the project' }).click();
  await expect(page).toHaveURL(/\/projects\/[0-9a-f-]{36}$/);
  await expect(page.getByText(freelancer.username).first()).toBeVisible();

  // The invited person is told, and what he is told leads to the answer.
  await freelancer.page.goto(`${server.url}/notifications`);
  await freelancer.page.getByRole('link', { name: /Harbour website/ }).click();
  await expect(freelancer.page.getByRole('heading', { name: 'Harbour website' })).toBeVisible();
  await freelancer.page.getByRole('button', { name: 'Accept and open the room' }).click();
  await expect(freelancer.page).toHaveURL(/\/rooms\//);
  await expect(freelancer.timeline).toBeVisible();
});

test('UX 47 each first step leads to its own place', async ({ visit, server }) => {
  const client = await visit('Clara Client', 'client');
  await client.register(server.url);
  const { page } = client;
  await page.goto(`${server.url}/dashboard`);
  await expect(page.getByRole('link', { name: 'Invite the other side' })).toHaveCount(0);
  const { project } = await client.post<{ project: { id: string } }>(server.url, '/projects', {
    title: 'Lighthouse guide',
    description: '',
    currency: 'EUR',
  });
  await page.reload();
  await page.getByRole('link', { name: 'Invite the other side' }).click();
  await expect(page.getByRole('dialog').getByRole('textbox', { name: 'E-mail address' })).toBeVisible();
  await expect(page, 'the address forgets the dialog').toHaveURL(`${server.url}/projects/${project.id}`);
  await page.keyboard.press('Escape');
  await page.goto(`${server.url}/dashboard`);
  await page.getByRole('link', { name: 'Plan a milestone' }).click();
  await expect(page.getByRole('dialog').getByLabel('Amount')).toBeVisible();
});

test('P14 a completion is celebrated once by each account, whatever device it comes on', async ({ visit, server }) => {
  const { client, freelancer, projectId } = await twoInRoom(visit, [server, server]);
  const party = (page: typeof client.page) => page.getByRole('dialog', { name: /Harbour website/ });
  await client.page.goto(`${server.url}/projects/${projectId}`);
  await expect(client.page.getByRole('heading', { name: 'Harbour website' })).toBeVisible();
  await freelancer.page.goto(`${server.url}/dashboard`);
  await freelancer.page.waitForLoadState('networkidle');
  await client.post(server.url, `/projects/${projectId}/completion`, {});
  await expect(party(client.page), 'before his eyes').toBeVisible();
  await freelancer.page.goto(`${server.url}/projects/${projectId}`);
  await expect(party(freelancer.page), 'told while he was elsewhere').toBeVisible();
  await expect(freelancer.page).toHaveTitle(/^Harbour website/);
  await freelancer.page.evaluate(() => localStorage.clear());
  for (const { page } of [client, freelancer]) {
    await page.reload();
    await page.waitForLoadState('networkidle');
    await expect(page.getByText('Completed').first()).toBeVisible();
    await expect(party(page)).toHaveCount(0);
  }
});

test('E16 every invitation begins with an empty form, and the link of the last one is not shown again', async ({
  visit,
  server,
}) => {
  const client = await visit('Clara Client', 'client');
  await client.register(server.url);
  const { page } = client;
  const { project } = await client.post<{ project: { id: string } }>(server.url, '/projects', {
    title: 'Lighthouse guide',
    description: '',
    currency: 'EUR',
  });
  await page.goto(`${server.url}/projects/${project.id}`);
  for (const email of ['zoe@example.com', 'yara@example.com']) {
    await page.getByRole('button', { name: 'Invite people' }).click();
    const dialog = page.getByRole('dialog', { name: 'Invite people' });
    await expect(dialog.getByLabel('E-mail address')).toHaveValue('');
    await dialog.getByLabel('E-mail address').fill(email);
    await dialog.getByRole('button', { name: 'Send invitation' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Done' }).click();
    await expect(page.getByRole('main').getByText(email)).toBeVisible();
  }
});

test('E10 UX 42 45 many at once: each chosen project gets its own result, also when all of them leave the list', async ({
  visit,
  server,
}) => {
  const owner = await visit('Mona Many', 'client');
  await owner.register(server.url);
  const { page } = owner;
  for (const title of ['First of two', 'Second of two'])
    await owner.post(server.url, '/projects', { title, description: '', currency: 'EUR' });
  await page.goto(`${server.url}/projects`);
  for (const name of [/First of two/, /Second of two/]) await page.getByRole('checkbox', { name }).click();
  await page.getByRole('button', { name: 'Archive' }).click();
  const result = page.getByRole('dialog', { name: 'Result' });
  await expect(result.getByText('First of two')).toBeVisible();
  await expect(result.getByText('Done')).toHaveCount(2);
  await page.keyboard.press('Escape');
  await expect(page.getByText('All your projects are archived')).toBeVisible();
  await page.getByRole('tab', { name: 'Archived' }).click();
  const listed = (name: string) => page.getByRole('main').getByRole('link', { name });
  await expect(listed('First of two')).toBeVisible();
  await page.reload();
  await expect(listed('Second of two'), 'the filter is in the address').toBeVisible();
  await page.getByPlaceholder('Search titles').fill('zzzz');
  await expect(page.getByText('No project fits')).toBeVisible();
});

test('E09 UX 42 what is typed into a search stays while the answer to its beginning is on its way', async ({
  visit,
  server,
}) => {
  const owner = await visit('Sara Search', 'client');
  await owner.register(server.url);
  const { page } = owner;
  for (const title of ['Harbour website', 'Hardware catalogue'])
    await owner.post(server.url, '/projects', { title, description: '', currency: 'EUR' });
  await page.goto(`${server.url}/projects`);
  await expect(page.locator('html')).toHaveAttribute('data-awake', 'true');
  let answer = () => {};
  const mayAnswer = new Promise<void>((resolve) => (answer = resolve));
  await page.route(/projects\?.*q=Har(&|$)/, (route) => mayAnswer.then(() => route.continue()));
  const search = page.getByRole('searchbox', { name: 'Search titles' });
  const asked = page.waitForRequest(/projects\?.*q=Har(&|$)/);
  await search.pressSequentially('Har');
  await asked;
  await search.pressSequentially('bour');
  answer();
  await expect(page.getByRole('main').getByRole('link', { name: 'Hardware catalogue' })).toHaveCount(0);
  await expect(page.getByRole('main').getByRole('link', { name: 'Harbour website' })).toBeVisible();
  await expect(search).toHaveValue('Harbour');
  await expect(page, 'the address says what is shown').toHaveURL(/\?q=Harbour$/);
  await page.goBack();
  await page.goForward();
  await expect(search).toHaveValue('Harbour');
});
