import { expect, test, twoInRoom } from '../fixtures.ts';

const latency = 2_000;

test('UX 2 with two seconds of latency a message stands in its place at once, and the answer only takes its mark', async ({
  visit,
  server,
}) => {
  const client = await visit('Clara Client', 'client');
  await client.register(server.url);
  const { project } = await client.post<{ project: { roomId: string } }>(server.url, '/projects', {
    title: 'Harbour website',
    description: '',
    currency: 'EUR',
  });
  // Everything the server says on the live line comes late.
  await client.page.routeWebSocket(/socket\.io/, (socket) => {
    const line = socket.connectToServer();
    line.onMessage((message) => void setTimeout(() => socket.send(message), latency));
  });
  const { page } = client;
  await page.goto(`${server.url}/rooms/${project.roomId}`);
  await expect(page.getByRole('status', { name: 'Connection' })).toHaveText('Live');
  const composer = page.getByRole('textbox', { name: 'Message', exact: true });
  await composer.fill('Said in a tunnel');
  await composer.press('Enter');
  const message = client.message('Said in a tunnel');
  await expect(message, 'before any answer').toContainText('Sending');
  const node = await message.elementHandle();
  const before = await message.boundingBox();
  await expect(message, 'the answer came').not.toContainText('Sending');
  await expect(message).toHaveCount(1);
  expect(await message.evaluate((now, then) => now === then, node), 'the same element').toBe(true);
  const after = await message.boundingBox();
  expect(after?.x).toBe(before?.x);
  expect(Math.abs((after?.y ?? 0) - (before?.y ?? 0))).toBeLessThanOrEqual(1);
});

test('UX 43 switching rooms: how long it takes, cold and known', async ({ visit, server }) => {
  const { client, roomId } = await twoInRoom(visit, [server, server]);
  const other = await client.post<{ project: { roomId: string } }>(server.url, '/projects', {
    title: 'Second room',
    description: '',
    currency: 'EUR',
  });
  const { page } = client;
  await page.goto(`${server.url}/rooms/${roomId}`);
  await expect(page.getByRole('link', { name: /Second room/ })).toBeVisible();
  await page.waitForLoadState('networkidle');
  const cold = await switchTo('Second room');
  const known = [await switchTo('Harbour website'), await switchTo('Second room'), await switchTo('Harbour website')];
  expect(new URL(page.url()).pathname).toBe(`/rooms/${roomId}`);
  expect(other.project.roomId).not.toBe(roomId);
  test.info().annotations.push({ type: 'room switch', description: `cold ${cold} ms, known ${known.join(', ')} ms` });
  process.stdout.write(`  room switch: cold ${cold} ms, known ${known.join(', ')} ms\n`);

  /** From the click to the frame in which the other room's name and list stand on the page, in milliseconds. */
  function switchTo(title: string): Promise<number> {
    return page.evaluate(
      (title) =>
        new Promise<number>((resolve) => {
          const link = [...document.querySelectorAll('a')].find((it) => it.textContent.includes(title));
          const began = performance.now();
          link?.click();
          const look = () => {
            const isThere =
              document.querySelector('h1')?.textContent === title && document.querySelector('[role=log] > *') !== null;
            if (isThere) resolve(Math.round(performance.now() - began));
            else requestAnimationFrame(look);
          };
          look();
        }),
      title,
    );
  }
});

test('UX 44 S07 the place that was chosen is marked at once, and its outline stands there while the page is on its way', async ({
  visit,
  server,
}) => {
  const client = await visit('Clara Client', 'client');
  await client.register(server.url);
  const { page } = client;
  await page.goto(`${server.url}/dashboard`);
  await expect(page.getByRole('status', { name: 'Connection' })).toHaveText('Live');
  let release = () => undefined as void;
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route(/\/api\/v1\/projects\b/, async (route) => {
    await released;
    await route.continue();
  });
  const main = page.getByRole('navigation', { name: 'Main' });
  await main.getByRole('link', { name: 'Projects' }).click();
  await expect(main.getByRole('link', { name: 'Projects' })).toHaveAttribute('aria-current', 'page');
  await expect(page.getByRole('status').filter({ hasText: 'Loading the page' })).toBeAttached();
  await expect(page.getByRole('heading', { level: 1 })).toBeHidden();
  release();
  await expect(page.getByRole('heading', { level: 1, name: 'Projects' })).toBeVisible();
  await expect(page).toHaveURL(`${server.url}/projects`);
});

test('UX 44 E11 after a page that was long on its way, Back leads to where the one before was scrolled to', async ({
  visit,
  server,
}) => {
  const client = await visit('Clara Client', 'client');
  await client.register(server.url);
  for (let count = 1; count <= 8; count++)
    await client.post(server.url, '/projects', { title: `Project ${count}`, description: '', currency: 'EUR' });
  const { page } = client;
  await page.setViewportSize({ width: 360, height: 640 });
  await page.goto(`${server.url}/projects`);
  await expect(page.getByRole('status', { name: 'Connection' })).toHaveText('Live');
  await expect(page.getByRole('heading', { name: 'Project 1', exact: true })).toBeAttached();
  await page.evaluate(() => scrollTo(0, 700));
  const scrolled = () => page.evaluate(() => Math.round(scrollY));
  await expect.poll(scrolled).toBe(700);
  let release = () => undefined as void;
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route(/\/api\/v1\/projects\/[^/]+$/, async (route) => {
    await released;
    await route.continue();
  });
  // Without the pointer, which would scroll it into sight first.
  await page.getByRole('link', { name: 'Project 4', exact: true }).dispatchEvent('click');
  const outline = page.getByRole('status').filter({ hasText: 'Loading the page' });
  await expect(outline).toBeAttached();
  release();
  await expect(page.getByRole('heading', { level: 1, name: 'Project 4' })).toBeVisible();
  await expect(outline).toBeHidden();
  await page.goBack();
  await expect(page.getByRole('heading', { level: 1, name: 'Projects' })).toBeVisible();
  await expect.poll(scrolled).toBe(700);
});
