import { setTimeout as pause } from 'node:timers/promises';
import type { AnswerOf, CallShape } from '@safesend/shared/call.ts';
import { newId } from '@safesend/shared/ids.ts';
import { acceptInvitation, invite } from '@safesend/shared/projects/calls.ts';
import * as calls from '@safesend/shared/rooms/calls.ts';
import type { Person, Sent } from '../harness.ts';
import type { Casting } from './actors.ts';
import type { Bench, Room } from './bench.ts';
import type { LiveClient } from './live-client.ts';

/** As long as an installation may be in pieces while everything befalls it. */
const patienceMs = 300_000;

/** Asks over HTTP under one command id until it is answered for good, as an honest program does. */
export async function insist<Shape extends CallShape>(
  person: Person,
  call: Shape,
  sent: Sent<Shape>,
): Promise<AnswerOf<Shape>> {
  const answer = await attempt(person, call, sent);
  if (!answer) throw new Error(`${call.method} ${call.path} → 409`);
  return answer.body;
}

/** The same, for what may be refused because somebody else was first: then there is no answer. */
export async function attempt<Shape extends CallShape>(
  person: Person,
  call: Shape,
  sent: Sent<Shape>,
): Promise<{ readonly body: AnswerOf<Shape> } | null> {
  const { body } = sent as { readonly body?: { readonly commandId?: string } };
  const commandId = body?.commandId ?? newId();
  const until = performance.now() + patienceMs;
  const heard: (string | number)[] = [];
  for (;;) {
    const answer = await person.call(call, { ...sent, commandId }).catch(() => null);
    if (answer && answer.status < 400) return answer;
    if (answer?.status === 409) return null;
    heard.push(answer?.status ?? 'nothing');
    const isFinal = answer !== null && answer.status !== 503;
    if (isFinal || performance.now() > until)
      throw new Error(`${call.method} ${call.path} → ${heard.join(', ')} ${JSON.stringify(answer?.body)}`);
    await pause(300);
  }
}

/** People who correct themselves, take words back and react, in the rooms of the stream. */
export function editors(rooms: readonly Room[]): Casting {
  return (bench, chance) => {
    const speak = async () => {
      const room = chance.pick(rooms);
      const author = chance.pick(room.members);
      const { event } = await insist(author, calls.postMessage, {
        params: { roomId: room.id },
        body: { body: bench.text() },
      });
      if (event.type !== 'message.posted') throw new Error(`a post became ${event.type}`);
      return { room, author, params: { roomId: room.id, messageId: event.data.id } };
    };
    return {
      pace: [100, 1_000],
      deeds: {
        'a message is edited': async () => {
          const { author, params } = await speak();
          await insist(author, calls.editMessage, { params, body: { body: bench.text() } });
        },
        'a message is deleted': async () => {
          const { author, params } = await speak();
          await insist(author, calls.deleteMessage, { params });
        },
        'a message is reacted to': async () => {
          const { room, params } = await speak();
          await insist(chance.pick(room.members), calls.addReaction, { params: { ...params, emoji: '👍' } });
        },
      },
    };
  };
}

/** T-A4: somebody who listens to a room, is removed from it and let in again, and may hear nothing in between. */
export function comingAndGoing(room: Room): Casting {
  return async (bench) => {
    const guest = await bench.person('freelancer');
    let listener: LiveClient | null = null;
    return {
      pace: [2_000, 8_000],
      deeds: {
        'somebody comes or goes': async () => {
          if (listener) {
            const params = { roomId: room.id, userId: guest.id };
            await insist(room.owner, calls.removeMember, { params });
            await closed(listener, room.id);
            listener.close();
            listener = null;
          } else {
            await letIn(room, guest);
            listener = await bench.follower(guest, room);
          }
        },
      },
    };
  };
}

export async function letIn(room: Room, guest: Person): Promise<void> {
  const { invitation } = await insist(room.owner, invite, {
    params: { projectId: room.projectId },
    body: { username: guest.user.username, role: guest.user.role },
  });
  await insist(guest, acceptInvitation, { params: { invitationId: invitation.id }, body: {} });
}

/** However long the removal needs to get through: what comes meanwhile is judged by the checkers. */
async function closed(listener: LiveClient, roomId: string): Promise<void> {
  const until = performance.now() + patienceMs;
  while (listener.views.get(roomId)?.closed === null) {
    if (performance.now() > until) throw new Error('somebody who was removed still has the room open');
    await pause(50);
  }
}

/** Facts of every kind that a conversation has, by these people of a room. */
export async function converse(bench: Bench, people: readonly Person[], room: Room, facts: number): Promise<void> {
  const mine = new Map<string, string[]>();
  const params = { roomId: room.id };
  for (let n = 0; n < facts; n++) {
    const person = bench.chance.pick(people);
    const own = mine.get(person.id) ?? [];
    mine.set(person.id, own);
    const dice = bench.chance.next();
    if (own.length === 0 || dice < 0.6) {
      const { event } = await insist(person, calls.postMessage, { params, body: { body: bench.text() } });
      if (event.type === 'message.posted') own.push(event.data.id);
    } else if (dice < 0.75) {
      const messageId = bench.chance.pick(own);
      await insist(person, calls.editMessage, { params: { ...params, messageId }, body: { body: bench.text() } });
    } else if (dice < 0.85) {
      const [messageId = ''] = own.splice(Math.floor(bench.chance.next() * own.length), 1);
      await insist(person, calls.deleteMessage, { params: { ...params, messageId } });
    } else {
      const messageId = bench.chance.pick(own);
      const emoji = bench.chance.pick(['👍', '🎉', '👀']);
      await insist(person, bench.chance.next() < 0.7 ? calls.addReaction : calls.removeReaction, {
        params: { ...params, messageId, emoji },
      });
    }
  }
}
