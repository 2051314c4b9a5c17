import type { Locator, Page } from '@playwright/test';
import { gzipSync } from 'node:zlib';
import { violationsOf } from '../axe.ts';
import { milestoneOf, proveAddress } from '../deal.ts';
import { dropped } from '../files.ts';
import { expect, test, type Visitor } from '../fixtures.ts';
import { grantAdmin } from '../operator.ts';
import type { Server } from '../server.ts';

const publicPages = [
  '/',
  '/signin',
  '/signin/link?token=x',
  '/signup',
  '/forgot',
  '/reset?token=x',
  '/support',
  '/terms',
  '/privacy',
];
const settings = [
  'profile',
  'address',
  'password',
  'passkeys',
  'sessions',
  'notifications',
  'privacy',
  'appearance',
  'tax',
  'tokens',
  'blocked',
];
const payments = ['', '/transactions', '/invoices', '/statements', '/methods', '/payouts'].map(
  (it) => `/payments${it}`,
);
const adminPages = ['/admin', '/admin/mail', '/admin/support'];
const ownPages = [
  '/dashboard',
  '/projects',
  '/projects/new',
  '/files',
  '/messages',
  '/notifications',
  '/profile',
  '/pay/card',
  ...payments,
].concat(settings.map((tab) => `/settings?tab=${tab}`));

async function open(page: Page, url: string): Promise<void> {
  // What is behind a # would not load the page anew.
  if (url.includes('#')) await page.goto('about:blank');
  await page.goto(url);
  await expect(page.locator('html'), 'the page is awake').toHaveAttribute('data-awake', 'true');
  await expect(page, 'every page has a title').toHaveTitle(/SafeSend/);
}

/**
 * What one can click, and its box where it is too small to hit, with what answers around it. Links inside a sentence are
 * exempt (WCAG 2.5.8).
 */
function tooSmall(page: Page, least: number): Promise<string[]> {
  return page.evaluate((least) => {
    const controls = document.querySelectorAll<HTMLElement>(
      'a[href], button, input:not([type=hidden]), select, textarea, [role=checkbox], [role=radio], [role=tab]',
    );
    return [...controls].flatMap((control) => {
      const box = control.getBoundingClientRect();
      const grown = ['::before', '::after']
        .map((part) => getComputedStyle(control, part))
        .filter(({ position, content }) => position === 'absolute' && content !== 'none');
      // Half a pixel is lost where a box begins between two.
      const reach = (side: 'width' | 'height') => Math.max(box[side], ...grown.map((it) => parseFloat(it[side]))) + 0.5;
      const [width, height] = [reach('width'), reach('height')];
      const style = getComputedStyle(control);
      const exempt = box.width <= 1 || style.display === 'inline' || style.visibility === 'hidden';
      const isHidden = control.closest('[aria-hidden=true]') !== null;
      return exempt || isHidden || (width >= least && height >= least) ? [] : [control.outerHTML.slice(0, 120)];
    });
  }, least);
}

const viewports = [
  { width: 1440, height: 900, least: 24 },
  { width: 360, height: 640, least: 44 },
];

/** Sizes do not change with the theme: they are measured once, in the light. */
async function examine(page: Page, path: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const { least, ...viewport } of viewports) {
      await page.setViewportSize(viewport);
      const where = `${path} at ${viewport.width} in ${colorScheme}`;
      // A theme changes colours and nothing else.
      const rules = colorScheme === 'light' ? undefined : ['color-contrast', 'link-in-text-block'];
      expect.soft(await violationsOf(page, rules), `UX 70 ${where}`).toEqual([]);
      if (colorScheme === 'light') expect.soft(await tooSmall(page, least), `UX 64 ${where}`).toEqual([]);
    }
  }
  for (const width of [360, 320]) {
    await page.setViewportSize({ width, height: 640 });
    const needed = await page.evaluate(() => document.documentElement.scrollWidth);
    expect.soft(needed, `UX 57 ${path} does not scroll sideways at ${width}`).toBeLessThanOrEqual(width);
  }
}

/** What lies above a page, in the width it is for. */
async function examineAbove(page: Page, above: Locator, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await expect(above).toBeVisible();
    expect.soft(await violationsOf(page), `UX 70 ${name} in ${colorScheme}`).toEqual([]);
  }
  await page.keyboard.press('Escape');
  await expect(above).toBeHidden();
}

/** A project with a partner, both able to move money: a direct room with him, and a payment that is under way. */
async function trade(owner: Visitor, partner: Visitor, server: Server): Promise<string[]> {
  const { url } = server;
  await partner.register(url);
  await proveAddress(server, owner);
  const plan = { title: 'Lobby signs', description: '', currency: 'EUR' };
  const milestones = [{ title: 'Drawings', amountMinor: 50_000, criteria: 'Two drawings' }];
  const { project } = await owner.post<{ project: { id: string } }>(url, '/projects', { ...plan, milestones });
  const asked = { username: partner.username, role: 'freelancer' };
  const { invitation } = await owner.post<{ invitation: { id: string } }>(
    url,
    `/projects/${project.id}/invitations`,
    asked,
  );
  await partner.post(url, `/invitations/${invitation.id}/acceptance`, {});
  const { roomId } = await owner.post<{ roomId: string }>(url, '/rooms/direct', { username: partner.username });
  await partner.post(url, `/rooms/${roomId}/messages`, { commandId: 'hello', body: 'Hello' });
  const funding = `/milestones/${await milestoneOf(owner, url, project.id)}/funding`;
  const { payment } = await owner.post<{ payment: { id: string } }>(url, funding, { commandId: 'fund' });
  await owner.post(url, '/payout-account/onboarding', { commandId: 'set up' });
  return [`/rooms/${roomId}`, `/pay/${payment.id}`, '/payments/payouts/test-money'];
}

/** Somebody with a project, a room, an invitation, a file and links to it: pages with something on them. */
async function settle(
  owner: Visitor,
  url: string,
): Promise<{ own: string[]; shared: string[]; room: string; invitation: string }> {
  await owner.register(url);
  const milestones = [{ title: 'First draft', amountMinor: 120_000, criteria: 'Three screens' }];
  const { project } = await owner.post<{ project: { id: string; roomId: string } }>(url, '/projects', {
    title: 'Harbour website',
    description: 'A new site',
    currency: 'EUR',
    milestones,
  });
  const asked = { email: 'guest@example.com', role: 'freelancer' };
  const { invitation } = await owner.post<{ invitation: { token: string } }>(
    url,
    `/projects/${project.id}/invitations`,
    asked,
  );
  await owner.post(url, `/rooms/${project.roomId}/messages`, { commandId: 'first', body: 'Hello **there**' });
  const links = `/files/${await dropped(owner, url, project.roomId, 'offer.txt')}/share-links`;
  const [free, locked] = await Promise.all(
    [{ days: 7 }, { days: 7, password: 'open sesame' }].map((link) => owner.post<{ token: string }>(url, links, link)),
  );
  return {
    own: [`/projects/${project.id}`, `/rooms/${project.roomId}`],
    room: `/rooms/${project.roomId}`,
    invitation: `/invitations/${invitation.token}`,
    shared: [`/shared#${free?.token ?? ''}`, `/shared#${locked?.token ?? ''}`, '/shared'],
  };
}

/** Of minutes, for axe looks at each page four times: side by side they take half as long. */
test.describe.configure({ mode: 'parallel', timeout: 900_000 });

test('S04 S06 S12 UX 29 56 57 64 70 every page that anybody may open stands up to axe, a phone and a thumb in light and dark', async ({
  visit,
  server,
  complaints,
}) => {
  const owner = await visit('Olaf Owner', 'client');
  const { shared, invitation } = await settle(owner, server.url);
  const { page } = await visit('Greta Guest', 'client');
  for (const path of [...publicPages, invitation, '/invitations/unknown', '/verify', '/nowhere', ...shared]) {
    await open(page, server.url + path);
    if (path.startsWith('/shared')) await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await examine(page, path.replace(/#.*/, '#…'));
  }
  expectNone(complaints);
});

test('S04 S06 S12 UX 56 57 64 70 every page of one’s own stands up to axe, a phone and a thumb in light and dark', async ({
  visit,
  server,
  complaints,
}) => {
  const owner = await visit('Olga Owner', 'client');
  const { own } = await settle(owner, server.url);
  const traded = await trade(owner, await visit('Paula Partner', 'freelancer'), server);
  await owner.post(server.url, '/support', { email: owner.email, subject: 'How?', body: 'Please tell' });
  await grantAdmin(server, owner.username);
  for (const path of [...ownPages, ...adminPages, ...own, ...traded]) {
    await open(owner.page, server.url + path);
    await examine(owner.page, path);
  }
  expectNone(complaints);
});

function expectNone(complaints: string[]): void {
  const unwanted = complaints.filter((it) => !it.includes('404'));
  complaints.length = 0;
  expect(unwanted, 'S12 nothing in the console, nothing from elsewhere').toEqual([]);
}

test('UX 70 what opens above a page stands up to axe: a menu, a dialog, and the sheet of a room on a phone', async ({
  visit,
  server,
}) => {
  const owner = await visit('Mona Menu', 'client');
  const { room } = await settle(owner, server.url);
  const { page } = owner;
  await open(page, server.url + room);
  await page.getByRole('button', { name: /^Your account/ }).click();
  await examineAbove(page, page.getByRole('menu'), 'the menu of the account');
  await page.keyboard.press('?');
  await examineAbove(page, page.getByRole('dialog'), 'the shortcuts');
  await page.setViewportSize({ width: 360, height: 640 });
  await page.getByRole('button', { name: 'Details', exact: true }).click();
  await examineAbove(page, page.getByRole('dialog'), 'the sheet of the room');
  await open(page, `${server.url}/settings?tab=profile`);
  await page.getByRole('combobox', { name: 'Time zone' }).click();
  // Some of them: axe takes a minute for four hundred.
  await page.keyboard.type('America');
  await examineAbove(page, page.getByRole('listbox', { name: 'Time zone' }), 'the list of time zones');
});

/** All script that a browser with an empty cache fetches by itself until nothing more comes, each file gzipped. */
async function scriptOf(page: Page, url: string): Promise<number> {
  const sizes: Promise<number>[] = [];
  page.on('response', (response) => {
    if (response.url().endsWith('.js')) sizes.push(response.body().then((body) => gzipSync(body).length));
  });
  await open(page, url);
  await page.waitForLoadState('networkidle');
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

test('UX 43 the sign-in page loads at most 120 KB of script', async ({ visit, server }) => {
  const { page } = await visit('Bea Byte', 'client');
  const total = await scriptOf(page, `${server.url}/signin`);
  expect(total).toBeGreaterThan(0);
  expect(total).toBeLessThanOrEqual(120 * 1024);
});

test('UX 43 the page of a room, its messages marked up, loads at most 180 KB of script before somebody touches it', async ({
  visit,
  server,
}) => {
  const owner = await visit('Rosa Room', 'client');
  await owner.register(server.url);
  const plan = { title: 'Small rooms', description: '', currency: 'EUR', milestones: [] };
  const { project } = await owner.post<{ project: { roomId: string } }>(server.url, '/projects', plan);
  const body = `Marked **up** for @${owner.username}: https://example.org\n\n- one\n\n\`\`\`ts\nconst two = 2;\n\`\`\``;
  await owner.post(server.url, `/rooms/${project.roomId}/messages`, { commandId: 'marked', body });
  const total = await scriptOf(owner.page, `${server.url}/rooms/${project.roomId}`);
  await expect(owner.message('Marked up').getByRole('link', { name: 'https://example.org' })).toBeVisible();
  expect(total).toBeLessThanOrEqual(180 * 1024);
  await owner.message('Marked up').hover();
  await expect(owner.message('Marked up').getByText('const', { exact: true }), 'code has its colours').toBeVisible();
});

test('UX 56 a chosen theme is there before the first paint and survives a reload', async ({ visit, server }) => {
  const owner = await visit('Thea Theme', 'client');
  await owner.register(server.url);
  const { page } = owner;
  await page.emulateMedia({ colorScheme: 'light' });
  await open(page, `${server.url}/settings?tab=appearance`);
  await page.getByRole('radio', { name: 'Dark' }).click();
  await expect(page.locator('html')).toHaveClass(/dark/);
  await page.addInitScript(() => {
    new MutationObserver((_, observer) => {
      if (!document.body) return;
      observer.disconnect();
      Object.assign(globalThis, { darkAtFirst: document.documentElement.classList.contains('dark') });
    }).observe(document, { childList: true, subtree: true });
  });
  await page.reload();
  expect(await page.evaluate(() => Reflect.get(globalThis, 'darkAtFirst') as boolean)).toBe(true);
});

test('T-S4 every kind of page carries a policy that runs no script but ours', async ({ visit, server }) => {
  const { context } = await visit('Cleo Csp', 'client');
  for (const path of ['/', '/signin', '/nowhere']) {
    const policy = (await context.request.get(server.url + path)).headers()['content-security-policy'] ?? '';
    expect(policy, path).toMatch(/script-src 'self' 'nonce-/);
    expect(policy, path).not.toMatch(/script-src[^;]*unsafe-inline/);
    for (const rule of ["object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"])
      expect(policy).toContain(rule);
  }
});
