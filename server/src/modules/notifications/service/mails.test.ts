import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { advanceClock } from '@safesend/shared/clock.ts';
import { newId } from '@safesend/shared/ids.ts';
import {
  listNotifications,
  markNotificationsRead,
  setNotificationPreferences,
} from '@safesend/shared/notifications/calls.ts';
import { createProject, invite } from '@safesend/shared/projects/calls.ts';
import { acceptProposal } from '@safesend/shared/projects/money-calls.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectOf, signUp, startTestApp, type Person, type TestApp } from '../../../../test/harness.ts';
import { findMails } from '../../../../test/mails.ts';
import * as money from '../../../../test/money.ts';
import { mailEverybody } from '../jobs.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

/** A round is made here, whatever the process itself does meanwhile: after it all is decided that was due. */
const round = () => mailEverybody({ ...app, log: pino({ enabled: false }) });

async function later(minutes: number): Promise<void> {
  await (await anybody()).must(advanceClock, { body: { advanceSeconds: minutes * 60 } });
  await round();
}

let somebody: Promise<Person> | undefined;
const anybody = () => (somebody ??= signUp(app));

async function pair() {
  const [client, freelancer] = await Promise.all([signUp(app), signUp(app, 'freelancer')]);
  await money.verify(app, client, freelancer);
  const { roomId, title } = await projectOf(client, freelancer);
  for (const person of [client, freelancer]) await person.must(markNotificationsRead, { body: { all: true } });
  const name = (body: string) => say(client, roomId, `@${freelancer.user.username} ${body}`);
  return { client, freelancer, roomId, title, name, actor: client.user.displayName };
}

async function say(person: Person, roomId: string, body: string): Promise<number> {
  const { event } = await person.must(rooms.postMessage, { params: { roomId }, body: { commandId: newId(), body } });
  return event.seq;
}

/** What this person was mailed about what he had not read, the oldest mail first. */
async function newsFor({ user }: Person) {
  const mails = (await findMails(app)).filter(
    ({ to, text }) => to === user.email && text.includes('while you were away'),
  );
  return mails.reverse();
}
const subjectsFor = async (person: Person) => (await newsFor(person)).map(({ subject }) => subject);

test('A18 N05 whoever has read nothing for a quarter of an hour gets one mail about all of it, and never again about the same', async () => {
  const { client, freelancer, roomId, title, name, actor } = await pair();
  const first = await name('the secret draft');
  await later(14);
  expect(await newsFor(freelancer), 'he may be about to look').toEqual([]);
  const second = await name('and the secret plan');
  await later(1);
  const [mail, ...more] = await newsFor(freelancer);
  expect(more).toEqual([]);
  expect(mail?.subject).toBe(`${actor} mentioned you in ${title} (and 1 more)`);
  for (const said of [mail?.text, mail?.html]) {
    for (const seq of [first, second]) expect(said).toContain(`${app.url}/rooms/${roomId}?seq=${seq}`);
    expect(said).toContain(`${app.url}/settings?tab=notifications`);
    expect(said).not.toContain('secret');
  }
  await later(60);
  expect(await newsFor(freelancer), 'nothing is mailed twice').toHaveLength(1);
  expect(await newsFor(client), 'nobody is mailed his own doing').toEqual([]);

  const third = await name('still there?');
  await later(15);
  const [, next, ...rest] = await newsFor(freelancer);
  expect(rest).toEqual([]);
  expect(next?.subject).toBe(`${actor} mentioned you in ${title}`);
  expect(next?.text).toContain(`?seq=${third}`);
  expect(next?.text).not.toContain(`?seq=${second}\n`);
});

test('A18 N05 the mail says where one ends such mails', async () => {
  const { freelancer, name } = await pair();
  await name('look');
  await later(15);
  const sent = async () => {
    const folder = join(app.dataDir, 'outbox');
    const names = (await readdir(folder).catch(() => [])).filter((it) => it.endsWith('.eml'));
    const mails = await Promise.all(names.map((it) => readFile(join(folder, it), 'utf8')));
    return mails.find((mail) => mail.includes(`To: ${freelancer.user.email}`) && mail.includes('mentioned you')) ?? '';
  };
  await expect
    .poll(sent, { timeout: 10_000 })
    .toMatch(/^List-Unsubscribe:\s+<http:\S+[/]settings[?]tab=notifications>/m);
});

test('A18 N05 what was read meanwhile is not mailed, here or in the room itself', async () => {
  const { freelancer, roomId, name } = await pair();
  await name('one');
  await freelancer.must(markNotificationsRead, { body: { all: true } });
  const seq = await name('two');
  await freelancer.must(rooms.markRead, { params: { roomId }, body: { seq } });
  await later(15);
  await later(15);
  expect(await newsFor(freelancer)).toEqual([]);
});

test('A18 N05 only a proven address is written to, and not about what came before it was proven', async () => {
  const { freelancer, name } = await pair();
  await app.sql('update users set email_verified_at = null where id = $1', [freelancer.id]);
  await name('one');
  await later(15);
  await money.verify(app, freelancer);
  await later(15);
  expect(await newsFor(freelancer)).toEqual([]);
});

test('A18 N05 a group that is off is not mailed, not even once it is on again', async () => {
  const { client, freelancer, roomId, title, name } = await pair();
  const choose = (email: boolean) =>
    freelancer.must(setNotificationPreferences, { body: { preferences: { messages: { email } } } });
  await choose(false);
  await name('one');
  await later(15);
  await choose(true);
  await later(15);
  expect(await newsFor(freelancer)).toEqual([]);

  await choose(false);
  await name('two');
  await client.must(rooms.removeMember, { params: { roomId, userId: freelancer.id } });
  await later(15);
  const [mail, ...more] = await newsFor(freelancer);
  expect(more).toEqual([]);
  expect(mail?.subject, 'people are another group').toBe(`${client.user.displayName} removed you from ${title}`);
});

test('L7 A18 N05 whoever was removed is mailed that, and nothing of what stood in the room', async () => {
  const { client, freelancer, roomId, title, name, actor } = await pair();
  await name('one');
  await client.must(rooms.removeMember, { params: { roomId, userId: freelancer.id } });
  await later(15);
  const [mail, ...more] = await newsFor(freelancer);
  expect(more).toEqual([]);
  expect(mail?.subject).toBe(`${actor} removed you from ${title}`);
  expect(mail?.text).not.toContain(roomId);
});

test('A18 N05 an invitation has a mail of its own and is in no other', async () => {
  const [owner, invitee] = await Promise.all([signUp(app), signUp(app, 'freelancer')]);
  await money.verify(app, owner, invitee);
  const body = { title: `Project ${newId()}`, description: '', currency: 'EUR' as const, milestones: [] };
  const { project } = await owner.must(createProject, { body });
  const whom = { username: invitee.user.username, role: 'freelancer' as const };
  await owner.must(invite, { params: { projectId: project.id }, body: whom });
  await later(15);
  const mails = (await findMails(app)).filter(({ to }) => to === invitee.user.email);
  expect(mails.filter(({ subject }) => subject.includes('invites you'))).toHaveLength(1);
  expect(await newsFor(invitee)).toEqual([]);
});

test('A18 N05 several workers at once write one mail', async () => {
  const { freelancer, name } = await pair();
  await name('one');
  await (await anybody()).must(advanceClock, { body: { advanceSeconds: 15 * 60 } });
  await name('two');
  await Promise.all(Array.from({ length: 8 }, round));
  expect(await newsFor(freelancer)).toHaveLength(1);
});

test('A18 N05 within a quarter of an hour after a mail there is no other, whatever is due', async () => {
  const { freelancer, name } = await pair();
  await name('one');
  await later(15);
  await name('two');
  // As of a transaction that began before the mail and ended after it.
  await app.sql('update notifications set mail_due_at = product_now() where user_id = $1 and mail_due_at is not null', [
    freelancer.id,
  ]);
  await later(14);
  expect(await newsFor(freelancer)).toHaveLength(1);
  await later(1);
  expect(await newsFor(freelancer), 'it was not forgotten').toHaveLength(2);
});

test('A18 N05 who is away hears of his money by mail, and not of every step of the plan', async () => {
  const deal = await money.makeDeal(app);
  const { client, freelancer } = deal;
  for (const person of [client, freelancer]) await person.must(markNotificationsRead, { body: { all: true } });
  await money.plan(deal);
  await later(15);
  expect(await newsFor(freelancer)).toEqual([]);
  await money.fund(deal);
  await later(15);
  const [subject = '', ...more] = await subjectsFor(freelancer);
  expect(more).toEqual([]);
  expect(subject).toMatch(/^€1,000.00 for ‘Design’ in .+ is paid and held$/);
});

/** Away from now on: what was told so far is read. */
async function away({ client, freelancer }: Pick<money.Deal, 'client' | 'freelancer'>): Promise<void> {
  for (const person of [client, freelancer]) await person.must(markNotificationsRead, { body: { all: true } });
}

test('A18 N05 J02 UX 31 of a payment that waits at his bank the client is mailed how much it is', async () => {
  const deal = await money.makeDeal(app);
  const { id } = await money.plan(deal);
  const payment = await money.beginFunding(deal, id);
  await away(deal);
  await money.drive(deal, payment.id, 'challenge');
  await later(15);
  const [subject = ''] = await subjectsFor(deal.client);
  expect(subject).toMatch(/^Your bank asks you to confirm the payment of €1,035.35 for ‘Design’ in /);
  expect(await subjectsFor(deal.freelancer), 'it waits for the client alone').toEqual([]);
  await money.drive(deal, payment.id, 'succeed');

  const more = await money.proposeAmount(deal.freelancer, id, 150_000);
  await deal.client.must(acceptProposal, {
    params: { milestoneId: id, hash: more.hash },
    body: { commandId: newId() },
  });
  const topUp = await money.beginFunding(deal, id);
  await away(deal);
  await money.drive(deal, topUp.id, 'challenge');
  await later(16);
  const asked = (await subjectsFor(deal.client)).filter((it) => it.startsWith('Your bank'));
  expect(asked, 'of the difference, when it is that').toHaveLength(2);
  expect(asked[1]).toMatch(/ the payment of €517.85 for ‘Design’ in /);
});

test('A18 N05 J04 UX 31 of money that waits until payouts are set up the freelancer is mailed how much it is', async () => {
  const deal = await money.meet(app);
  await money.beginPayouts(deal.freelancer);
  const { milestoneId } = await money.fund(deal);
  await away(deal);
  await money.release(deal, milestoneId, 40_000);
  await expect.poll(async () => (await money.look(deal, milestoneId)).waiting?.reason).toBe('payout_onboarding');
  await later(15);
  const [mail] = await newsFor(deal.freelancer);
  expect(mail?.text).toMatch(/The €400.00 released for ‘Design’ in .+ waits until you set up payouts/);
});

test('A18 N05 J15 UX 31 of a chargeback that is lost after a release the freelancer is mailed what he owes, others what it was about', async () => {
  const deal = await money.makeDeal(app);
  const { milestoneId, paymentId } = await money.fund(deal, 10_000);
  await money.release(deal, milestoneId, 10_000);
  await money.settled(deal, milestoneId, 'released');
  await money.drive(deal, paymentId, 'chargeback');
  await away(deal);
  await deal.client.must(advanceClock, { body: { advanceSeconds: 100 * 3_600 } });
  const kinds = async () => (await deal.freelancer.must(listNotifications)).items.map(({ kind }) => kind);
  await expect.poll(kinds, { timeout: 20_000 }).toContain('evidence.3d');
  await later(15);
  const [reminded] = await newsFor(deal.freelancer);
  expect(reminded?.text).toMatch(/€90.00 depends on it: tell support what the log does not show/);
  await away(deal);
  await money.drive(deal, paymentId, 'chargeback_lost');
  await expect.poll(async () => (await money.look(deal, milestoneId)).hold?.atRiskMinor).toBe(0);
  await later(16);
  const lost = async (person: Person) =>
    [...((await newsFor(person)).at(-1)?.text ?? '').matchAll(/^.*was upheld.*$/gm)].map(String);
  expect(await lost(deal.freelancer)).toEqual([expect.stringMatching(/was upheld: you owe €90.00$/)]);
  expect(await lost(deal.client)).toEqual([expect.stringMatching(/^- The chargeback of €103.85 for ‘Design’ in /)]);
});

test('A18 N05 of a long absence the mail lists the newest, and counts the rest', async () => {
  const { freelancer, name } = await pair();
  const seqs: number[] = [];
  for (let n = 0; n < 22; n++) seqs.push(await name(String(n)));
  await later(15);
  const [mail] = await newsFor(freelancer);
  expect(mail?.subject).toContain('(and 21 more)');
  const listed = [...(mail?.text ?? '').matchAll(/[?]seq=(\d+)/g)].map(([, seq]) => Number(seq));
  expect(listed).toEqual(seqs.slice(2).reverse());
  expect(mail?.text).toContain('… and 2 more');
});
