import { newId } from '@safesend/shared/ids.ts';
import type { Milestone } from '@safesend/shared/projects/milestone.ts';
import type { RoomEvent, RoomFact } from '@safesend/shared/rooms/event.ts';
import type { Message } from '@safesend/shared/rooms/message.ts';
import { reacted } from '@safesend/shared/rooms/reduce.ts';
import { describe, expect, it } from 'vitest';
import { Timeline } from './timeline.ts';

const roomId = newId();
const people = [newId(), newId(), newId()];
const at = '2026-03-01T10:00:00.000Z';

/** Mulberry32: the same seed gives the same log. */
function chanceOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}

function newMessage(authorId: string, body: string): Message {
  return {
    id: newId(),
    authorId,
    body,
    replyTo: null,
    files: [],
    mentions: [],
    reactions: [],
    createdAt: at,
    editedAt: null,
    deletedAt: null,
  };
}

/** A log as a server would write it: every edit and deletion carries the message as it stood then. */
function randomLog(seed: number, length: number): RoomEvent[] {
  const chance = chanceOf(seed);
  const messages: Message[] = [];
  const facts: RoomFact[] = [];
  while (facts.length < length) {
    const who = people[chance(people.length)]!;
    const index = chance(messages.length);
    const message = messages[index];
    const dice = chance(10);
    if (!message || dice < 4) {
      messages.push(newMessage(who, `message ${facts.length}`));
      facts.push({ type: 'message.posted', data: messages.at(-1)! });
    } else if (dice === 4) {
      facts.push({ type: 'member.left', data: { userId: who } });
    } else if (message.body === null) {
      continue;
    } else if (dice === 5) {
      messages[index] = { ...message, body: null, reactions: [], deletedAt: at };
      facts.push({ type: 'message.deleted', data: messages[index] });
    } else if (dice === 6) {
      messages[index] = { ...message, body: `edited ${facts.length}`, editedAt: at };
      facts.push({ type: 'message.edited', data: messages[index] });
    } else {
      const emoji = ['👍', '🎉', '❤️'][chance(3)]!;
      const present = !message.reactions.some((it) => it.emoji === emoji && it.userIds.includes(who));
      messages[index] = reacted(message, emoji, who, present);
      const data = { messageId: message.id, emoji, userId: who };
      facts.push({ type: present ? 'reaction.added' : 'reaction.removed', data });
    }
  }
  return facts.map((fact, index) => ({
    ...fact,
    roomId,
    seq: index + 1,
    id: newId(),
    actorId: people[0]!,
    at,
    hash: '',
  }));
}

const milestone: Milestone = {
  ...{ id: newId(), projectId: newId(), title: 'Logo', amountMinor: 30_000, currency: 'EUR', dueAt: null },
  ...{ criteria: 'Three drafts', status: 'planned', position: 1, createdAt: at },
  ...{ revision: 1, hold: null, submission: null, proposal: null, cancellation: null, clocks: [], waiting: null },
  quote: { platformFeeMinor: 0, serviceFeeMinor: 0, clientPaysMinor: 0, freelancerGetsMinor: 0 },
};

const envelopeOf = (seq: number) => ({ roomId, seq, id: newId(), actorId: people[0]!, at, hash: '' });

function whole(log: readonly RoomEvent[]): Timeline {
  const timeline = new Timeline(0, 'project', true);
  timeline.append(log, log.length);
  return timeline;
}

describe('a timeline', () => {
  it('X18: a release of two payments is one line, in whatever order it is read', () => {
    const decisionId = newId();
    const movement = { ledgerTransactionId: newId(), amountMinor: 30_000, feeMinor: 3_000, currency: 'EUR' } as const;
    const part = (seq: number, amountMinor: number, more: boolean): RoomEvent => ({
      ...envelopeOf(seq),
      type: 'milestone.released',
      data: { milestone, movement, together: { decisionId, amountMinor, feeMinor: amountMinor / 10, more } },
    });
    const left = (seq: number): RoomEvent => ({
      ...envelopeOf(seq),
      type: 'member.left',
      data: { userId: people[1]! },
    });
    const log = [left(1), part(2, 30_000, true), left(3), part(4, 50_000, false), left(5)];
    expect(whole(log).lines.map(({ seq }) => seq)).toEqual([1, 3, 4, 5]);
    const backwards = new Timeline(3, 'project', true);
    backwards.append(log.slice(3), 5);
    backwards.prepend(log.slice(1, 3), 2);
    backwards.prepend(log.slice(0, 1), 1);
    expect(backwards.lines).toEqual(whole(log).lines);
  });

  it('I05 L1: of one payment that is tried again and again, whoever does not pay it reads once that it is not paid', () => {
    const payment = { id: newId(), status: 'declined' };
    const failed = (seq: number, id = payment.id) =>
      ({ ...envelopeOf(seq), type: 'payment.failed', data: { milestone, payment: { ...payment, id } } }) as RoomEvent;
    const waiting = { reason: 'challenge', on: 'client', paymentId: payment.id, since: at } as const;
    const asked: RoomEvent = { ...envelopeOf(2), type: 'milestone.waiting', data: { ...milestone, waiting } };
    const log = [failed(1), asked, failed(3), failed(4, newId())];
    const shown = (isPayer: boolean) => {
      const forwards = new Timeline(0, 'project', isPayer);
      forwards.append(log, 4);
      const backwards = new Timeline(4, 'project', isPayer);
      for (const seq of [4, 3, 2, 1]) backwards.prepend(log.slice(seq - 1, seq), seq);
      expect(backwards.lines.map(({ seq }) => seq)).toEqual(forwards.lines.map(({ seq }) => seq));
      return forwards.lines.map(({ seq }) => seq);
    };
    expect(shown(false), 'the newest of each payment').toEqual([3, 4]);
    expect(shown(true)).toEqual([1, 2, 3, 4]);
  });

  it('L1: read in any order of pages, shows what the whole log folded at once shows', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const log = randomLog(seed, 120);
      const chance = chanceOf(seed * 7_919);
      const start = chance(log.length);
      const timeline = new Timeline(start, 'project', true);
      while (timeline.from > 1 || timeline.to < log.length) {
        const size = 1 + chance(30);
        if (timeline.to < log.length && (timeline.from === 1 || chance(2) === 0)) {
          const to = Math.min(timeline.to + size, log.length);
          timeline.append(log.slice(timeline.to, to), to);
        } else {
          const from = Math.max(timeline.from - size, 1);
          timeline.prepend(log.slice(from - 1, timeline.from - 1), from);
        }
        const expected = whole(log.slice(0, timeline.to)).lines.filter(({ seq }) => seq >= timeline.from);
        expect(timeline.lines, `seed ${seed}, ${timeline.from}–${timeline.to}`).toEqual(expected);
      }
    }
  });

  it('UX 16 L1: read in any order of pages, a changed milestone knows what it was as far as the stretch says', () => {
    for (let seed = 1; seed <= 100; seed++) {
      const chance = chanceOf(seed);
      const ids = [newId(), newId(), newId()];
      const log = Array.from({ length: 30 }, (_, index): RoomEvent => {
        const data = { ...milestone, id: ids[chance(ids.length)]!, amountMinor: index };
        return { type: 'milestone.changed', data, ...envelopeOf(index + 1) };
      });
      const timeline = new Timeline(chance(log.length), 'project', true);
      while (timeline.from > 1 || timeline.to < log.length) {
        const size = 1 + chance(7);
        if (timeline.to < log.length && (timeline.from === 1 || chance(2) === 0)) {
          timeline.append(log.slice(timeline.to, timeline.to + size), Math.min(timeline.to + size, log.length));
        } else {
          const from = Math.max(timeline.from - size, 1);
          timeline.prepend(log.slice(from - 1, timeline.from - 1), from);
        }
        const expected = new Timeline(timeline.from - 1, 'project', true);
        expected.append(log.slice(timeline.from - 1, timeline.to), timeline.to);
        expect(timeline.lines, `seed ${seed}, ${timeline.from}–${timeline.to}`).toEqual(expected.lines);
      }
    }
  });

  it('E18 an invitation that ended says whom it was for, in whatever order the pages came', () => {
    const [asked, other] = [newId(), newId()];
    const open = { role: 'client', invitedBy: people[0]!, expiresAt: at } as const;
    const log: RoomEvent[] = [
      { type: 'member.invited', data: { ...open, id: asked, label: 'frida' }, ...envelopeOf(1) },
      { type: 'member.invited', data: { ...open, id: other, label: 'g•••@example.com' }, ...envelopeOf(2) },
      { type: 'invitation.declined', data: { invitationId: asked }, ...envelopeOf(3) },
      { type: 'invitation.revoked', data: { invitationId: other }, ...envelopeOf(4) },
    ];
    const forWhom = (timeline: Timeline) => timeline.lines.map((line) => line.kind === 'fact' && line.invited);
    const backwards = new Timeline(4, 'project', true);
    for (const from of [4, 3, 2, 1]) backwards.prepend(log.slice(from - 1, from), from);
    expect(forWhom(backwards)).toEqual([null, null, 'frida', 'g•••@example.com']);
    const late = new Timeline(2, 'project', true);
    late.append(log.slice(2), 4);
    expect(forWhom(late), 'nothing says it').toEqual([null, null]);
    late.prepend(log.slice(0, 2), 1);
    expect(late.lines).toEqual(backwards.lines);
  });

  it('E17 where the reader was not in the room, the first line after it says since when, in whatever order it is read', () => {
    const day = (seq: number) => `2026-03-0${seq}T10:00:00.000Z`;
    const log: RoomEvent[] = [1, 2, 5, 6].map((seq) => ({
      type: 'message.posted',
      data: newMessage(people[0]!, `${seq}`),
      ...{ ...envelopeOf(seq), at: day(seq) },
    }));
    const away = (timeline: Timeline) => timeline.lines.map(({ awaySince }) => awaySince);
    const whole = new Timeline(0, 'project', true);
    whole.append(log, 6);
    expect(away(whole)).toEqual([undefined, undefined, day(2), undefined]);
    for (const cut of [1, 2, 3]) {
      const [older, newer] = [log.slice(0, cut), log.slice(cut)];
      const backwards = new Timeline((newer[0]?.seq ?? 1) - 1, 'project', true);
      backwards.append(newer, 6);
      backwards.prepend(older, 1);
      expect(backwards.lines, `cut at ${cut}`).toEqual(whole.lines);
      const forwards = new Timeline(0, 'project', true);
      forwards.append(older, older.at(-1)?.seq ?? 0);
      forwards.append(newer, 6);
      expect(forwards.lines).toEqual(whole.lines);
    }
  });

  it('UX 16 nobody comes into a direct conversation: it has no such lines, and says from its first fact where it begins', () => {
    const joined = (seq: number): RoomEvent => {
      const data = {
        userId: people[0]!,
        username: 'ana',
        displayName: 'Ana',
        role: 'client',
        invitationId: null,
      } as const;
      return { type: 'member.joined', data, ...envelopeOf(seq) };
    };
    const log: RoomEvent[] = [{ type: 'direct.opened', data: { people: [] }, ...envelopeOf(1) }, joined(2), joined(3)];
    for (const [kind, shown] of [
      ['direct', [1]],
      ['project', [1, 2, 3]],
    ] as const) {
      const timeline = new Timeline(3, kind, true);
      timeline.prepend(log.slice(1), 2);
      timeline.prepend(log.slice(0, 1), 1);
      expect(timeline.lines.map(({ seq }) => seq)).toEqual(shown);
      expect(timeline.to).toBe(3);
    }
  });

  it('ignores what it has and finds a line by its number or the nearest after it', () => {
    const log = randomLog(5, 40);
    const timeline = whole(log);
    const before = timeline.lines;
    timeline.append(log.slice(30), log.length);
    expect(timeline.lines).toEqual(before);
    for (const [index, line] of before.entries()) expect(timeline.indexOf(line.seq)).toBe(index);
    expect(timeline.indexOf(10_000)).toBe(before.length - 1);
  });

  it('shows a deleted message as a tombstone even when only its redacted post was read', () => {
    const message = newMessage(people[0]!, 'gone');
    const timeline = new Timeline(0, 'project', true);
    timeline.append(
      [
        {
          type: 'message.posted',
          data: { ...message, body: null },
          roomId,
          seq: 1,
          id: newId(),
          actorId: people[0]!,
          at,
          hash: '',
          redacted: true,
        },
      ],
      1,
    );
    expect(timeline.lineOf(message.id)?.message.body).toBeNull();
  });
});
