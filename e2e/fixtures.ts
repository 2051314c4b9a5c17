import { test as base, expect, type Browser, type BrowserContext, type Page } from '@playwright/test';
import { Server, type ServerSettings } from './server.ts';

export { expect };

const password = 'correct horse battery staple';
let made = 0;

/** A person with a browser of his own; `api` is what a script of his could do, for what a story only needs as given. */
export class Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly username: string;
  readonly name: string;
  readonly email: string;
  readonly role: 'client' | 'freelancer';
  readonly password = password;

  constructor(context: BrowserContext, page: Page, name: string, role: 'client' | 'freelancer') {
    this.context = context;
    this.page = page;
    this.name = name;
    this.role = role;
    this.username = `${name.toLowerCase().split(' ')[0]}${++made}`;
    this.email = `${this.username}@example.com`;
  }

  /** Fills the sign-up form, as a newcomer does. */
  async signUp(): Promise<void> {
    const { page } = this;
    await page.getByRole('radio', { name: this.role === 'client' ? /Client/ : /Freelancer/ }).check();
    await page.getByLabel('Your name').fill(this.name);
    await page.getByLabel('Username').fill(this.username);
    await page.getByLabel('E-mail address').fill(this.email);
    await page.getByLabel('Password', { exact: true }).fill(this.password);
    await page.getByRole('button', { name: 'Create account' }).click();
  }

  /** An account that the story takes for granted. */
  async register(url: string): Promise<void> {
    const { email, username, password, name: displayName, role } = this;
    await this.post(url, '/auth/register', { email, username, password, displayName, role });
  }

  async post<Answer>(url: string, path: string, data: object): Promise<Answer> {
    const response = await this.context.request.post(`${url}/api/v1${path}`, {
      data,
      headers: { origin: url },
      // A kept connection may be closed by the server in the moment it is used again.
      maxRetries: 2,
    });
    if (!response.ok()) throw new Error(`${path} → ${response.status()} ${await response.text()}`);
    return JSON.parse((await response.text()) || 'null') as Answer;
  }

  async say(text: string): Promise<void> {
    const composer = this.page.getByRole('textbox', { name: 'Message', exact: true });
    await composer.fill(text);
    await composer.press('Enter');
  }

  get timeline() {
    return this.page.getByRole('log');
  }

  message(text: string) {
    return this.timeline.getByRole('article').filter({ hasText: text });
  }

  /** Opens what can be done with a message. A row that is moved from under a resting pointer is pointed at once more. */
  async openActions(text: string): Promise<void> {
    await expect(async () => {
      await this.page.mouse.move(0, 0);
      const message = this.message(text);
      await message.hover({ timeout: 5_000 });
      await message.getByRole('button', { name: 'More actions' }).click({ timeout: 5_000 });
    }).toPass();
  }
}

interface Fixtures {
  /** A server of the story's own, stopped after its pages: a page that outlives its server complains of it. */
  startServer(settings?: ServerSettings): Promise<Server>;
  visit(name: string, role: 'client' | 'freelancer'): Promise<Visitor>;
  /** What pages said that they should not have said. */
  complaints: string[];
  /**
   * A story that cuts the line, or in which somebody is refused or the server cannot, says so: browsers report all of it as
   * errors. And whom it reaches besides us.
   */
  line: { mayBreak: boolean; mayRefuse: boolean; mayFail: boolean; readonly reaches: Set<string> };
}
interface WorkerFixtures {
  server: Server;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  server: [
    async ({}, use) => {
      const server = await Server.start();
      await use(server);
      await server.stop();
    },
    { scope: 'worker' },
  ],
  startServer: async ({}, use) => {
    const started: Server[] = [];
    await use(async (settings) => {
      const server = await Server.start(settings);
      started.push(server);
      return server;
    });
    for (const server of started) await server.stop();
  },
  complaints: async ({}, use) => {
    const complaints: string[] = [];
    await use(complaints);
    expect(complaints, 'console errors and requests to other origins').toEqual([]);
  },
  line: async ({}, use) => use({ mayBreak: false, mayRefuse: false, mayFail: false, reaches: new Set() }),
  visit: async ({ browser, complaints, line, startServer: _before }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (name, role) => {
      const context = await openContext(browser, (complaint) => {
        const expected =
          (line.mayBreak && unreachable.test(complaint)) ||
          (line.mayRefuse && refused.test(complaint)) ||
          (line.mayFail && failed.test(complaint)) ||
          line.reaches.has(complaint.replace(/^request to /, ''));
        if (!expected) complaints.push(complaint);
      });
      contexts.push(context);
      return new Visitor(context, await context.newPage(), name, role);
    });
    for (const context of contexts) await context.close();
  },
});

const unreachable = /net::ERR_|WebSocket connection to/;
const refused = /the server responded with a status of 4\d\d/;
const failed = /the server responded with a status of 5\d\d/;

async function openContext(browser: Browser, complain: (complaint: string) => void): Promise<BrowserContext> {
  const context = await browser.newContext();
  context.on('console', (message) => {
    if (message.type() === 'error') complain(message.text());
  });
  context.on('weberror', (error) => complain(error.error().message));
  context.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (/^(http|ws)/.test(protocol) && hostname !== '127.0.0.1' && hostname !== 'localhost')
      complain(`request to ${hostname}`);
  });
  return context;
}

/** Two people on a project, neither of whom looks at anything yet. */
async function twoOnProject(visit: Fixtures['visit'], [first, second]: readonly [Server, Server]) {
  const [client, freelancer] = await Promise.all([
    visit('Clara Client', 'client'),
    visit('Frida Freelancer', 'freelancer'),
  ]);
  await Promise.all([client.register(first.url), freelancer.register(second.url)]);
  const { project } = await client.post<{ project: { id: string; roomId: string } }>(first.url, '/projects', {
    title: 'Harbour website',
    description: 'A new site',
    currency: 'EUR',
    milestones: [{ title: 'First draft', amountMinor: 120_000, criteria: 'Three screens' }],
  });
  const { invitation } = await client.post<{ invitation: { id: string } }>(
    first.url,
    `/projects/${project.id}/invitations`,
    { username: freelancer.username, role: 'freelancer' },
  );
  await freelancer.post(second.url, `/invitations/${invitation.id}/acceptance`, {});
  return { client, freelancer, roomId: project.roomId, projectId: project.id };
}

/** Opens the room, and waits until a story may cut the line: what the page fetches when it has a moment to spare is there too. */
async function settleIn({ page, timeline }: Visitor, url: string, roomId: string): Promise<void> {
  await page.goto(`${url}/rooms/${roomId}`);
  await expect(timeline).toBeVisible();
  await expect(page.getByRole('status', { name: 'Connection' })).toHaveText('Live');
  await page.waitForLoadState('networkidle');
}

/** Two people in a project room, both looking at it; `prepare` is what they did before they came. */
export async function twoInRoom(
  visit: Fixtures['visit'],
  servers: readonly [Server, Server],
  prepare?: (person: Visitor) => Promise<void>,
): Promise<{ client: Visitor; freelancer: Visitor; roomId: string; projectId: string }> {
  const { client, freelancer, roomId, projectId } = await twoOnProject(visit, servers);
  await Promise.all(
    [client, freelancer].map(async (person, at) => {
      await prepare?.(person);
      await settleIn(person, servers[at]?.url ?? '', roomId);
    }),
  );
  return { client, freelancer, roomId, projectId };
}
