import { expect, test } from 'vitest';
import { complaintsAbout } from './check-imports.ts';

function complaints(file: string, imported: string): string[] {
  return complaintsAbout(new Map([[file, `import { x } from '${imported}';`]]));
}

test.each([
  ['server/src/modules/rooms/service.ts', '../accounts/service.ts'],
  ['server/src/modules/rooms/service/messages.ts', './reads.ts'],
  ['server/src/modules/rooms/service/messages.ts', '../access.ts'],
  ['server/src/modules/rooms/service.ts', '../../kernel/transact.ts'],
  ['server/src/modules/rooms/route.ts', './service/messages.ts'],
  ['server/src/modules/rooms/jobs.ts', 'nodemailer'],
  ['server/src/app.ts', './modules/admin/route.ts'],
  ['server/src/cli/accounts.ts', '../modules/accounts/service.ts'],
  ['shared/src/rooms/event.ts', 'zod'],
  ['shared/src/rooms/event.ts', '../failure.ts'],
  ['web/src/routes/+page.svelte', '#lib/ui/button/Button.svelte'],
  ['web/src/lib/live/room.ts', '@safesend/shared/rooms/feed.ts'],
])('%s may import %s', (file, imported) => {
  expect(complaints(file, imported)).toEqual([]);
});

test.each([
  ['server/src/modules/rooms/service.ts', '../projects/service.ts', 'comes after'],
  ['server/src/modules/rooms/entity.ts', './service.ts', 'does not reach'],
  ['server/src/modules/rooms/entity.ts', '../accounts/service.ts', 'does not reach'],
  ['server/src/modules/rooms/route.ts', './entity.ts', 'does not reach'],
  ['server/src/modules/rooms/service.ts', './jobs.ts', 'does not reach'],
  ['server/src/modules/rooms/present.ts', './access.ts', 'does not reach'],
  ['server/src/modules/projects/service.ts', '../rooms/reactions.ts', 'does not reach'],
  ['server/src/modules/rooms/service.ts', '../../app.ts', 'a module uses'],
  ['server/src/modules/rooms/helpers.ts', 'zod', 'no file of the kind'],
  ['server/src/modules/chat/entity.ts', 'zod', 'not one of the modules'],
  ['server/src/kernel/http.ts', '../modules/accounts/service.ts', 'knows no module'],
  ['server/src/main.ts', './modules/accounts/service.ts', 'know the modules'],
  ['server/src/app.ts', '../../web/src/lib/live/room.ts', 'built pages'],
  ['shared/src/failure.ts', 'node:crypto', 'shared code'],
  ['shared/src/failure.ts', 'hono', 'shared code'],
  ['web/src/lib/live/room.ts', '../../../../server/src/kernel/env.ts', 'by its calls'],
  ['web/src/lib/live/room.ts', '../../../../scripts/check-imports.ts', 'and themselves'],
  ['migrations/Migration001_log.ts', '../server/src/kernel/sql.ts', 'stands alone'],
])('%s may not import %s', (file, imported, reason) => {
  expect(complaints(file, imported).join()).toContain(reason);
});

test('a circle of imports is found', () => {
  const sources = new Map([
    ['server/src/kernel/a.ts', "import { b } from './b.ts';"],
    ['server/src/kernel/b.ts', "export { a } from './a.ts';"],
  ]);
  expect(complaintsAbout(sources)).toEqual([
    'a circle of imports: server/src/kernel/a.ts → server/src/kernel/b.ts → server/src/kernel/a.ts',
  ]);
});
