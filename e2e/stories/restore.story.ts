import { join } from 'node:path';
import { makeBackup } from '../../server/src/kernel/backup/make.ts';
import { restoreBackup } from '../../server/src/kernel/backup/restore.ts';
import { expectAgreement, expectSameDocuments, markDocuments } from '../agreement.ts';
import { expect, test, twoInRoom } from '../fixtures.ts';

test('U09 the server comes back from an older backup: open pages show what it knows, without a reload, and go on', async ({
  visit,
  line,
  startServer,
}) => {
  line.mayBreak = true;
  const server = await startServer();
  const { client, freelancer, roomId } = await twoInRoom(visit, [server, server]);
  const { databaseUrl, dataDir } = server;
  const archive = join(dataDir, 'backups', 'story.tar.gz');
  await client.say('Before the backup');
  await expect(freelancer.message('Before the backup')).toHaveCount(1);
  await makeBackup({ databaseUrl, dataDir, path: archive, productVersion: 'story' });
  await client.say('After the backup');
  await expect(freelancer.message('After the backup')).toHaveCount(1);
  await markDocuments(client.page, freelancer.page);

  await server.kill();
  await restoreBackup({ databaseUrl, dataDir, archive, force: true, beforeCommit: async () => undefined });
  await server.start();
  for (const person of [client, freelancer]) {
    await expect(person.message('After the backup')).toHaveCount(0, { timeout: 30_000 });
    await expect(person.message('Before the backup')).toHaveCount(1);
    await expect(person.page.getByRole('status', { name: 'Connection' })).toHaveText('Live');
  }
  await freelancer.say('And on we go');
  await expect(client.message('And on we go')).toHaveCount(1);
  await expect(freelancer.message('And on we go')).toHaveCount(1);
  await expectAgreement(server.url, roomId, { visitor: client }, { visitor: freelancer });
  await expectSameDocuments(client.page, freelancer.page);
});
