import * as accounts from '@safesend/shared/accounts/calls.ts';
import { closeAccount } from '@safesend/shared/accounts/departure-calls.ts';
import * as passkeys from '@safesend/shared/accounts/passkey-calls.ts';
import * as files from '@safesend/shared/files/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { markNotificationsRead } from '@safesend/shared/notifications/calls.ts';
import * as projects from '@safesend/shared/projects/calls.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import { enrol } from './authenticator.ts';
import { comparable } from './comparable.ts';
import { mustDrop } from './drops.ts';
import { roomFact, type FactType, type LoggedEvent } from '@safesend/shared/rooms/event.ts';
import { reduceRoom } from '@safesend/shared/rooms/reduce.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { joinProject, projectOf, send, signUp, startTestApp, type Person, type TestApp } from './harness.ts';
import { mailTo, mailsTo, tokenIn } from './mails.ts';
import { moneyScenarios } from './money-laws.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

/** Where the fact lands, who looks, and how it comes about. `happen` runs after the first snapshot was taken. */
interface Scenario {
  readonly viewer: Person;
  readonly roomId: string;
  happen(): Promise<unknown>;
}

const password = 'correct horse battery staple';
const milestone = { title: 'Design', amountMinor: 120_000, criteria: 'Three screens, signed off' };

async function pair() {
  const [client, freelancer] = await Promise.all([signUp(app, 'client'), signUp(app, 'freelancer')]);
  const project = await projectOf(client, freelancer);
  const { roomId, id: projectId } = project;
  const post = async (person: Person, body: string) => {
    const { event } = await person.must(rooms.postMessage, { params: { roomId }, body: { commandId: newId(), body } });
    return event.type === 'message.posted' ? event.data.id : '';
  };
  return { client, freelancer, roomId, projectId, post };
}

async function invited(username: string) {
  const client = await signUp(app, 'client');
  const { id: projectId, roomId } = await projectOf(client);
  const body = { username, role: 'freelancer' as const };
  const { invitation } = await client.must(projects.invite, { params: { projectId }, body });
  return { client, projectId, roomId, invitation };
}

async function alone(happen: (person: Person) => Promise<unknown>): Promise<Scenario> {
  const person = await signUp(app);
  return { viewer: person, roomId: person.inboxRoomId, happen: () => happen(person) };
}

async function linkFor({ user }: Person, purpose: string): Promise<string> {
  // The table keeps only the hash of a token; the mail has it.
  const mail = (await mailsTo(app, user.email)).find(({ text }) => text.includes(`/${purpose}?token=`));
  return mail ? tokenIn(mail) : '';
}

/** Asks for another address; which one. */
async function askForAddress(person: Person): Promise<string> {
  const email = `${newId()}@example.com`;
  await person.must(accounts.changeEmail, { body: { password, email } });
  return email;
}

const scenarios = {
  ...moneyScenarios(() => app),
  'message.posted': async () => {
    const { client, roomId, post } = await pair();
    return { viewer: client, roomId, happen: () => post(client, 'Hello **there**') };
  },
  'message.edited': async () => {
    const { client, freelancer, roomId, post } = await pair();
    const messageId = await post(client, 'Helo');
    const body = { body: `Hello @${freelancer.user.username}` };
    return {
      viewer: freelancer,
      roomId,
      happen: () => client.must(rooms.editMessage, { params: { roomId, messageId }, body }),
    };
  },
  'message.deleted': async () => {
    const { client, freelancer, roomId, post } = await pair();
    const messageId = await post(client, 'Forget this');
    return {
      viewer: freelancer,
      roomId,
      happen: () => client.must(rooms.deleteMessage, { params: { roomId, messageId } }),
    };
  },
  'reaction.added': async () => {
    const { client, freelancer, roomId, post } = await pair();
    const messageId = await post(client, 'Done');
    const params = { roomId, messageId, emoji: '🎉' };
    return { viewer: client, roomId, happen: () => freelancer.must(rooms.addReaction, { params }) };
  },
  'reaction.removed': async () => {
    const { client, freelancer, roomId, post } = await pair();
    const params = { roomId, messageId: await post(client, 'Done'), emoji: '🎉' };
    await freelancer.must(rooms.addReaction, { params });
    await client.must(rooms.addReaction, { params });
    return { viewer: client, roomId, happen: () => freelancer.must(rooms.removeReaction, { params }) };
  },
  'member.invited': async () => {
    const client = await signUp(app);
    const { id: projectId, roomId } = await projectOf(client);
    const body = { email: `${newId()}@example.com`, role: 'freelancer' as const };
    return { viewer: client, roomId, happen: () => client.must(projects.invite, { params: { projectId }, body }) };
  },
  'invitation.resent': async () => {
    const freelancer = await signUp(app, 'freelancer');
    const { client, roomId, invitation } = await invited(freelancer.user.username);
    const params = { invitationId: invitation.id };
    return { viewer: client, roomId, happen: () => client.must(projects.resendInvitation, { params }) };
  },
  'invitation.declined': async () => {
    const freelancer = await signUp(app, 'freelancer');
    const { client, roomId, invitation } = await invited(freelancer.user.username);
    const params = { invitationId: invitation.id };
    return { viewer: client, roomId, happen: () => freelancer.must(projects.declineInvitation, { params, body: {} }) };
  },
  'invitation.revoked': async () => {
    const freelancer = await signUp(app, 'freelancer');
    const { client, roomId, invitation } = await invited(freelancer.user.username);
    const params = { invitationId: invitation.id };
    return { viewer: client, roomId, happen: () => client.must(projects.revokeInvitation, { params }) };
  },
  'member.joined': async () => {
    const freelancer = await signUp(app, 'freelancer');
    const { client, roomId, invitation } = await invited(freelancer.user.username);
    const params = { invitationId: invitation.id };
    return { viewer: client, roomId, happen: () => freelancer.must(projects.acceptInvitation, { params, body: {} }) };
  },
  'member.left': async () => {
    const { client, freelancer, roomId } = await pair();
    const params = { roomId, userId: freelancer.id };
    return { viewer: client, roomId, happen: () => freelancer.must(rooms.removeMember, { params }) };
  },
  'member.removed': async () => {
    const { client, freelancer, roomId } = await pair();
    const params = { roomId, userId: freelancer.id };
    return { viewer: client, roomId, happen: () => client.must(rooms.removeMember, { params }) };
  },
  'member.changed': async () => {
    const { client, freelancer, roomId } = await pair();
    const body = { displayName: 'A new name' };
    return { viewer: client, roomId, happen: () => freelancer.must(accounts.changeProfile, { body }) };
  },
  'project.created': async () => {
    const client = await signUp(app);
    const { roomId } = await projectOf(client);
    return { viewer: client, roomId, happen: async () => undefined };
  },
  'project.changed': async () => {
    const { client, freelancer, roomId, projectId } = await pair();
    const body = { title: 'Another title', description: 'Longer' };
    return {
      viewer: freelancer,
      roomId,
      happen: () => client.must(projects.changeProject, { params: { projectId }, body }),
    };
  },
  'project.activated': async () => {
    const freelancer = await signUp(app, 'freelancer');
    const { client, roomId, invitation } = await invited(freelancer.user.username);
    const params = { invitationId: invitation.id };
    return { viewer: client, roomId, happen: () => freelancer.must(projects.acceptInvitation, { params, body: {} }) };
  },
  'project.completed': async () => {
    const { client, freelancer, roomId, projectId } = await pair();
    return {
      viewer: freelancer,
      roomId,
      happen: () => client.must(projects.completeProject, { params: { projectId } }),
    };
  },
  'project.cancelled': async () => {
    const { client, freelancer, roomId, projectId } = await pair();
    return { viewer: freelancer, roomId, happen: () => client.must(projects.cancelProject, { params: { projectId } }) };
  },
  'project.deleted': async () => {
    const client = await signUp(app);
    const { id: projectId, roomId } = await projectOf(client);
    return { viewer: client, roomId, happen: () => client.must(projects.deleteProject, { params: { projectId } }) };
  },
  'milestone.planned': async () => {
    const { client, freelancer, roomId, projectId } = await pair();
    return {
      viewer: freelancer,
      roomId,
      happen: () => client.must(projects.planMilestone, { params: { projectId }, body: milestone }),
    };
  },
  'milestone.changed': async () => {
    const { client, freelancer, roomId, projectId } = await pair();
    const planned = await client.must(projects.planMilestone, { params: { projectId }, body: milestone });
    await client.must(projects.planMilestone, { params: { projectId }, body: { ...milestone, title: 'Build' } });
    const params = { milestoneId: planned.milestone.id };
    return {
      viewer: freelancer,
      roomId,
      happen: () => client.must(projects.changeMilestone, { params, body: { amountMinor: 99, position: 2 } }),
    };
  },
  'milestone.cancelled': async () => {
    const { client, freelancer, roomId, projectId } = await pair();
    const planned = await client.must(projects.planMilestone, { params: { projectId }, body: milestone });
    const params = { milestoneId: planned.milestone.id };
    return { viewer: freelancer, roomId, happen: () => client.must(projects.cancelMilestone, { params }) };
  },
  'direct.opened': async () => {
    const { client, freelancer } = await pair();
    const { roomId } = await client.must(rooms.openDirect, { body: { username: freelancer.user.username } });
    return { viewer: freelancer, roomId, happen: async () => undefined };
  },
  'direct.closed': async () => {
    const { client, freelancer } = await pair();
    const { roomId } = await client.must(rooms.openDirect, { body: { username: freelancer.user.username } });
    const params = { userId: freelancer.id };
    return { viewer: freelancer, roomId, happen: () => client.must(accounts.block, { params }) };
  },
  'direct.reopened': async () => {
    const { client, freelancer } = await pair();
    const { roomId } = await client.must(rooms.openDirect, { body: { username: freelancer.user.username } });
    const params = { userId: freelancer.id };
    await client.must(accounts.block, { params });
    return { viewer: freelancer, roomId, happen: () => client.must(accounts.unblock, { params }) };
  },
  'notification.raised': async () => {
    const { client, freelancer, post } = await pair();
    const text = `Look, @${freelancer.user.username}`;
    return { viewer: freelancer, roomId: freelancer.inboxRoomId, happen: () => post(client, text) };
  },
  'notification.read': async () => {
    const { client, freelancer, post } = await pair();
    await post(client, `One @${freelancer.user.username}`);
    await post(client, `Two @${freelancer.user.username}`);
    return {
      viewer: freelancer,
      roomId: freelancer.inboxRoomId,
      happen: () => freelancer.must(markNotificationsRead, { body: { all: true } }),
    };
  },
  'account.registered': () => alone(async () => undefined),
  'account.changed': () => alone((person) => person.must(accounts.changeProfile, { body: { headline: 'Designer' } })),
  'account.email.verified': () =>
    alone(async (person) => person.must(accounts.verifyEmail, { body: { token: await linkFor(person, 'verify') } })),
  'account.email.change.requested': () => alone(askForAddress),
  'account.email.change.cancelled': () =>
    alone(async (person) => {
      await askForAddress(person);
      await person.must(accounts.cancelEmailChange);
    }),
  'account.email.changed': () =>
    alone(async (person) => {
      const token = tokenIn(await mailTo(app, await askForAddress(person), /Confirm/));
      await person.must(accounts.verifyEmail, { body: { token } });
    }),
  'account.password.changed': () =>
    alone((person) =>
      person.must(accounts.changePassword, {
        body: { currentPassword: password, password: 'quite another long phrase' },
      }),
    ),
  'account.session.started': () =>
    alone((person) => send(person.base, accounts.login, { body: { email: person.user.email, password } })),
  'account.session.ended': () =>
    alone(async (person) => {
      await send(person.base, accounts.login, { body: { email: person.user.email, password } });
      await person.must(accounts.endOtherSessions);
    }),
  'account.token.created': () =>
    alone((person) => person.must(accounts.createApiToken, { body: { name: 'script', scopes: ['read'] } })),
  'account.token.revoked': () =>
    alone(async (person) => {
      const { apiToken } = await person.must(accounts.createApiToken, { body: { name: 'script', scopes: ['read'] } });
      await person.must(accounts.revokeApiToken, { params: { apiTokenId: apiToken.id } });
    }),
  'account.passkey.added': () => alone((person) => enrol(person)),
  'account.passkey.renamed': () =>
    alone(async (person) => {
      const { passkeyId } = await enrol(person);
      await person.must(passkeys.renamePasskey, { params: { passkeyId }, body: { name: 'Old laptop' } });
    }),
  'account.passkey.removed': () =>
    alone(async (person) => {
      const { passkeyId } = await enrol(person);
      await person.must(passkeys.removePasskey, { params: { passkeyId } });
    }),
  'account.closed': () =>
    alone(async (person) => {
      await person.must(accounts.reauthenticate, { body: { password } });
      await person.must(closeAccount);
    }),
  'account.person.blocked': async () => {
    const { client, freelancer } = await pair();
    const params = { userId: client.id };
    return {
      viewer: freelancer,
      roomId: freelancer.inboxRoomId,
      happen: () => freelancer.must(accounts.block, { params }),
    };
  },
  'account.person.unblocked': async () => {
    const { client, freelancer } = await pair();
    const params = { userId: client.id };
    await freelancer.must(accounts.block, { params });
    return {
      viewer: freelancer,
      roomId: freelancer.inboxRoomId,
      happen: () => freelancer.must(accounts.unblock, { params }),
    };
  },
  'account.project.archived': async () => {
    const { client, projectId } = await pair();
    return {
      viewer: client,
      roomId: client.inboxRoomId,
      happen: () => client.must(projects.archiveProject, { params: { projectId } }),
    };
  },
  'account.project.unarchived': async () => {
    const { client, projectId } = await pair();
    await client.must(projects.archiveProject, { params: { projectId } });
    return {
      viewer: client,
      roomId: client.inboxRoomId,
      happen: () => client.must(projects.unarchiveProject, { params: { projectId } }),
    };
  },
  'file.dropped': async () => {
    const { client, freelancer, roomId } = await pair();
    return { viewer: client, roomId, happen: () => mustDrop(freelancer, { roomId }) };
  },
  'file.versioned': async () => {
    const { client, freelancer, roomId } = await pair();
    const { fileId } = await mustDrop(freelancer, { roomId });
    return { viewer: client, roomId, happen: () => mustDrop(freelancer, { roomId, fileId }) };
  },
  'file.removed': async () => {
    const { client, freelancer, roomId } = await pair();
    const { fileId } = await mustDrop(freelancer, { roomId });
    await mustDrop(client, { roomId });
    return { viewer: client, roomId, happen: () => freelancer.must(files.removeFile, { params: { fileId } }) };
  },
} satisfies Record<FactType, () => Promise<Scenario>>;

async function eventsOf(roomId: string): Promise<LoggedEvent[]> {
  return app.sql<LoggedEvent>(
    `select f.room_id as "roomId", f.seq::int, f.id, f.type, f.actor_id as "actorId",
       to_char(f.at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at, p.data, f.hash, f.digest, f.prev_hash as "prevHash", p.salt
     from facts f join fact_payloads p using (room_id, seq) where f.room_id = $1 order by f.seq`,
    [roomId],
  );
}

const gone = new Set<FactType>(['project.deleted', 'account.closed']);

test.each(Object.entries(scenarios))(
  'L1 L3 %s: snapshot plus facts is the next snapshot, and the fact is in the log',
  async (type, prepare) => {
    const { viewer, roomId, happen } = await prepare();
    const before = await viewer.must(rooms.getRoom, { params: { roomId } });
    await happen();
    const after = gone.has(type as FactType) ? null : await viewer.must(rooms.getRoom, { params: { roomId } });
    // What the product adds by itself after this snapshot is not part of it.
    const log = (await eventsOf(roomId)).filter(({ seq }) => seq <= (after?.headSeq ?? seq));
    expect(log.map((event) => event.type)).toContain(type);
    expect(
      log.map(({ seq }) => seq),
      'L2',
    ).toEqual(log.map((_, at) => at + 1));
    for (const { type, data } of log) expect(roomFact.safeParse({ type, data }).error, `L11 ${type}`).toBeUndefined();
    if (after) expect(comparable(log.reduce(reduceRoom, before))).toEqual(comparable(after));
  },
);

test('L1 the newest fifty messages are the window, whatever happened to older ones', async () => {
  const { client, freelancer, roomId, post } = await pair();
  const early = await post(client, 'early');
  const before = await freelancer.must(rooms.getRoom, { params: { roomId } });
  for (let n = 0; n < 55; n++) await post(n % 2 === 0 ? client : freelancer, `message ${n}`);
  await client.must(rooms.editMessage, { params: { roomId, messageId: early }, body: { body: 'edited late' } });
  const after = await freelancer.must(rooms.getRoom, { params: { roomId } });
  expect(after.messages).toHaveLength(50);
  expect(comparable((await eventsOf(roomId)).reduce(reduceRoom, before))).toEqual(comparable(after));
});

test('L1 E14 somebody who joins with history from his joining sees the room from there on', async () => {
  const { client, projectId, roomId, post } = await pair();
  await post(client, 'before you came');
  const late = await signUp(app, 'freelancer');
  await joinProject(client, late, projectId, 'join');
  const snapshot = await late.must(rooms.getRoom, { params: { roomId } });
  expect(snapshot.messages).toEqual([]);
  expect(snapshot.firstSeq).toBe(snapshot.members.find(({ userId }) => userId === late.id)?.joinedSeq);
  await post(client, 'now you see me');
  const { events } = await late.must(rooms.listEvents, { params: { roomId }, query: { before: 1_000 } });
  expect(events.every(({ seq }) => seq >= snapshot.firstSeq)).toBe(true);
});
