import { newId } from '@safesend/shared/ids.ts';
import type { RoomEvent } from '@safesend/shared/rooms/event.ts';
import { describe, expect, it } from 'vitest';
import type { Outgoing } from '#lib/live/outbox.ts';
import { Deliveries } from './deliveries.ts';

const me = newId();
const roomId = newId();
const at = '2026-03-01T10:00:00.000Z';

function outgoing(body: string, more: Partial<Outgoing> = {}): Outgoing {
  const rest = { attempted: true, refusal: null, sending: true, onlyHere: false, posted: null, ...more };
  return { commandId: newId(), userId: me, roomId, body, replyTo: null, createdAt: at, ...rest };
}

function posted(seq: number, body: string, authorId = me): RoomEvent {
  const empty = { replyTo: null, files: [], mentions: [], reactions: [], editedAt: null, deletedAt: null };
  const data = { id: newId(), authorId, body, createdAt: at, ...empty };
  return { type: 'message.posted', data, roomId, seq, id: newId(), actorId: authorId, at, hash: '' };
}

const answered = (it: Outgoing, { seq, id: eventId }: RoomEvent): Outgoing => ({
  ...it,
  posted: { seq, eventId, at, hash: '' },
});

describe('UX 1 a message on its way and its fact are one row', () => {
  it('when the answer comes first: its row stays until the fact is in the view, under one key', () => {
    const deliveries = new Deliveries(me);
    const sent = outgoing('hello');
    const fact = posted(7, 'hello');
    deliveries.update([answered(sent, fact)]);
    expect(deliveries.isShown(answered(sent, fact), 6)).toBe(false);
    deliveries.seen([fact], [answered(sent, fact)]);
    expect(deliveries.isShown(answered(sent, fact), 7)).toBe(true);
    expect(deliveries.keyOf(fact.id)).toBe(sent.commandId);
  });

  it('when the fact outruns the answer: it takes the place of the message in flight', () => {
    const deliveries = new Deliveries(me);
    const [first, second] = [outgoing('hello'), outgoing('hello', { attempted: false, sending: false })];
    const fact = posted(7, 'hello');
    deliveries.seen([fact], [first, second]);
    expect([first, second].map((it) => deliveries.isShown(it, 7))).toEqual([true, false]);
    expect(deliveries.keyOf(fact.id)).toBe(first.commandId);
  });

  it('when another device said the same words: the answer corrects the guess', () => {
    const deliveries = new Deliveries(me);
    const sent = outgoing('ok');
    const [other, own] = [posted(7, 'ok'), posted(8, 'ok')];
    deliveries.seen([other], [sent]);
    deliveries.update([answered(sent, own)]);
    expect(deliveries.keyOf(other.id)).toBe(other.id);
    expect(deliveries.keyOf(own.id)).toBe(sent.commandId);
    expect(deliveries.isShown(answered(sent, own), 7)).toBe(false);
    expect(deliveries.isShown(answered(sent, own), 8)).toBe(true);
  });

  it('never takes another person’s message, nor one that was refused', () => {
    const deliveries = new Deliveries(me);
    const refused = outgoing('hi', { refusal: { code: 'invalid', message: 'No.' }, sending: false });
    const sent = outgoing('hello');
    deliveries.seen([posted(7, 'hello', newId()), posted(8, 'hi')], [refused, sent]);
    expect([refused, sent].map((it) => deliveries.isShown(it, 8))).toEqual([false, false]);
  });

  it('UX 2 when the server failed at it and its fact is there all the same: it has arrived, whichever came first', () => {
    for (const factFirst of [true, false]) {
      const deliveries = new Deliveries(me);
      const sent = outgoing('hello');
      const failed: Outgoing = { ...sent, refusal: { code: 'unexpected', message: 'Oh.' }, sending: false };
      const fact = posted(7, 'hello');
      deliveries.seen([fact], [factFirst ? sent : failed]);
      deliveries.update([failed]);
      expect(deliveries.arrived([failed])).toMatchObject([{ commandId: sent.commandId, posted: { seq: 7 } }]);
    }
  });

  it('UX 2 the same words sent again belong to the one in flight, not to the one the server failed at', () => {
    const deliveries = new Deliveries(me);
    const failed = outgoing('hello', { refusal: { code: 'unexpected', message: 'Oh.' }, sending: false });
    const again = outgoing('hello');
    deliveries.seen([posted(7, 'hello')], [failed, again]);
    expect(deliveries.arrived([failed, again])).toEqual([]);
    expect([failed, again].map((it) => deliveries.isShown(it, 7))).toEqual([false, true]);
  });
});
