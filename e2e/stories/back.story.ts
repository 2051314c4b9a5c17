import { expectAgreement, expectSameDocuments, markDocuments } from '../agreement.ts';
import { expect, test, twoInRoom } from '../fixtures.ts';
import config, { wholeBrowser } from '../playwright.config.ts';

// Playwright switches it off unless told otherwise.
const ignoreDefaultArgs = ['--disable-back-forward-cache'];
test.use({ launchOptions: { ...config.use?.launchOptions, executablePath: wholeBrowser, ignoreDefaultArgs } });

test('F11 G4 the way back to a room: the page the browser kept is live again and shows what was said meanwhile', async ({
  visit,
  server,
  line,
}) => {
  line.mayBreak = true;
  const { client, freelancer, roomId } = await twoInRoom(visit, [server, server]);
  const { page } = freelancer;
  await markDocuments(page);
  await page.goto(`${server.url}/projects`);
  await client.say('Where did you go?');
  await expect(client.message('Where did you go?')).toHaveCount(1);
  await page.evaluate(() => history.back());
  await expect(freelancer.message('Where did you go?')).toHaveCount(1);
  await expect(page.getByRole('status', { name: 'Connection' })).toHaveText('Live');
  await expectSameDocuments(page);
  await freelancer.say('Here again');
  await expect(client.message('Here again')).toHaveCount(1);
  await expect(freelancer.message('Here again')).toHaveCount(1);
  await expectAgreement(server.url, roomId, { visitor: client }, { visitor: freelancer });
});
