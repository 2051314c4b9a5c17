import { askSupport } from '@safesend/shared/accounts/calls.ts';
import { listSupportTickets, markAnswered, markUnanswered } from '@safesend/shared/admin/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { expect, test } from 'vitest';
import { send, signUp, startTestApp } from '../../../../test/harness.ts';
import { findMails, mailTo } from '../../../../test/mails.ts';

test('S02 what was asked while nobody is an administrator is mailed to nobody, kept, and shown to the first one', async () => {
  const app = await startTestApp({ environment: { MAIL_FROM: 'SafeSend <no-reply@example.com>' } });
  const base = `http://127.0.0.1:${app.port}`;
  const [asker, admin] = [await signUp(app), await signUp(app)];
  const { email } = asker.user;
  const asked = { email, subject: 'First', body: 'Where is my room?' };
  expect((await asker.call(askSupport, { body: asked })).status).toBe(204);
  expect((await send(base, askSupport, { body: { ...asked, email: 'v@example.com', subject: 'Second' } })).status).toBe(
    204,
  );
  expect((await findMails(app)).filter(({ subject }) => subject.startsWith('Support'))).toEqual([]);
  expect((await admin.call(listSupportTickets, { query: { state: 'open' } })).status).toBe(404);

  await app.sql(`update users set grants = array['admin'] where id = $1`, [admin.id]);
  const { items, ...rest } = await admin.must(listSupportTickets, { query: { state: 'open' } });
  expect(rest).toEqual({ nextCursor: null, open: 2 });
  const person = { userId: asker.id, username: asker.user.username, displayName: asker.user.displayName };
  expect(items).toMatchObject([
    { email: 'v@example.com', person: null, subject: 'Second', answeredAt: null },
    { email, person, subject: 'First', body: 'Where is my room?', answeredAt: null },
  ]);
  const page = await admin.must(listSupportTickets, { query: { state: 'open', limit: 1 } });
  const next = await admin.must(listSupportTickets, { query: { state: 'open', cursor: page.nextCursor ?? '' } });
  expect([...page.items, ...next.items]).toEqual(items);
  expect((await admin.call(listSupportTickets, { query: { state: 'open', cursor: 'e30' } })).status).toBe(422);

  // From now on there is somebody to tell, with the way to the list.
  expect((await asker.call(askSupport, { body: { ...asked, subject: 'Third' } })).status).toBe(204);
  expect((await mailTo(app, admin.user.email, /^Support: Third$/)).text).toContain('/admin/support');
  await app.close();
});

test('S02 administrators mark what is answered, twice the same, and take it back; nobody else does', async () => {
  const app = await startTestApp();
  const [asker, admin] = [await signUp(app), await signUp(app)];
  await app.sql(`update users set grants = array['admin'] where id = $1`, [admin.id]);
  const { email } = asker.user;
  await asker.must(askSupport, { body: { email, subject: 'Help', body: 'Please' } });
  const list = (state: 'open' | 'answered') => admin.must(listSupportTickets, { query: { state } });
  const [ticket] = (await list('open')).items;
  const params = { ticketId: ticket?.id ?? '' };
  expect((await asker.call(markAnswered, { params })).status).toBe(404);
  expect((await asker.call(markUnanswered, { params })).status).toBe(404);
  expect((await admin.call(markAnswered, { params: { ticketId: newId() } })).status).toBe(404);
  for (let twice = 0; twice < 2; twice++) expect((await admin.call(markAnswered, { params })).status).toBe(204);
  expect(await list('open')).toMatchObject({ items: [], open: 0 });
  expect((await list('answered')).items).toEqual([{ ...ticket, answeredAt: expect.stringMatching(/Z$/) }]);
  for (let twice = 0; twice < 2; twice++) expect((await admin.call(markUnanswered, { params })).status).toBe(204);
  expect((await list('open')).items).toEqual([ticket]);
  await app.close();
});
