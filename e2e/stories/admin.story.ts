import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { dropped, expectClean } from '../files.ts';
import { expect, test, twoInRoom } from '../fixtures.ts';
import type { Server } from '../server.ts';

/** As an operator does it. */
async function grantAdmin({ databaseUrl, dataDir }: Server, username: string): Promise<void> {
  const cli = join(import.meta.dirname, '../../server/src/cli.ts');
  const env = { ...process.env, DATABASE_URL: databaseUrl, SAFESEND_DATA_DIR: dataDir };
  await promisify(execFile)(process.execPath, [cli, 'grant-role', username, 'admin'], { env });
}

test('H11 H04 an administrator reads that nothing is scanned and that what is stored is intact; nobody else finds the page', async ({
  visit,
  server,
  line,
}) => {
  line.mayRefuse = true;
  const { client, freelancer, roomId } = await twoInRoom(visit, [server, server]);
  await dropped(freelancer, server.url, roomId, 'brief.txt');
  await grantAdmin(server, client.username);
  await client.page.goto(`${server.url}/dashboard`);
  await client.page.getByRole('button', { name: /^Your account/ }).click();
  await client.page.getByRole('menuitem', { name: 'Administration' }).click();
  await expect(client.page.getByRole('heading', { level: 1, name: 'Administration' })).toBeVisible();
  await expect(client.page.getByText('Files are not scanned for malware')).toBeVisible();
  await expect(client.page.getByText('Every stored file is what was dropped')).toBeVisible();
  await expectClean(client.page);
  await freelancer.page.goto(`${server.url}/admin`);
  await expect(freelancer.page.getByRole('heading', { name: 'Administration' })).toHaveCount(0);
  await expect(freelancer.page.getByText('404')).toBeVisible();
});
