import 'fake-indexeddb/auto';
import { newId } from '@safesend/shared/ids.ts';
import type { PostedMessage } from '@safesend/shared/socket.ts';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Outbox } from './outbox.ts';
import { openPendingStore, type Pending } from './pending-store.ts';
import { LinkLost, Refusal } from './refusal.ts';

const userId = newId();
const roomId = newId();

type Fate = 'lose' | 'lose answer' | 'refuse' | undefined;

/** The far end of the wire: stores a command once, answers a repeat with the first answer, fails as it is told. */
class Log {
  readonly stored: Pending[] = [];
  readonly seen: string[] = [];
  #answers = new Map<string, PostedMessage>();
  plan: ((pending: Pending) => Fate | Promise<Fate>) | null = null;

  post = async (pending: Pending): Promise<PostedMessage> => {
    this.seen.push(pending.body);
    const fate = await this.plan?.(pending);
    if (fate === 'lose') throw new LinkLost();
    if (fate === 'refuse') throw new Refusal({ code: 'invalid', message: 'No.' });
    const known = this.#answers.get(pending.commandId);
    if (!known) this.stored.push(pending);
    const answer = known ?? { seq: this.stored.length, eventId: newId(), at: '', hash: '' };
    this.#answers.set(pending.commandId, answer);
    if (fate === 'lose answer') throw new LinkLost();
    return answer;
  };
}

const opened: Outbox[] = [];
let databases = 0;

function bench() {
  const log = new Log();
  const name = `outbox-${++databases}`;
  const link = { up: true };
  const tab = () => {
    const outbox = new Outbox({
      userId,
      store: openPendingStore(name),
      post: log.post,
      isUp: () => link.up,
      channel: new BroadcastChannel(name),
      alone: (lock, run) => navigator.locks.request(`${name}:${lock}`, run),
      changed: () => undefined,
    });
    opened.push(outbox);
    return outbox;
  };
  return { log, link, tab, kept: async () => (await openPendingStore(name)).all(userId) };
}

const bodies = (items: readonly { body: string }[]) => items.map(({ body }) => body);

afterEach(() => {
  for (const outbox of opened.splice(0)) outbox.close();
});

describe('the outbox', () => {
  it('keeps a message before it is sent and forgets it only after the answer', async () => {
    const { log, tab, kept } = bench();
    const outbox = tab();
    const keptWhenSent: number[] = [];
    log.plan = async () => {
      keptWhenSent.push((await kept()).length);
      return undefined;
    };
    await outbox.add(roomId, { body: 'hello', replyTo: null });
    await vi.waitFor(() => expect(outbox.of(roomId)[0]?.posted?.seq).toBe(1));
    await vi.waitFor(async () => expect(await kept()).toEqual([]));
    expect(keptWhenSent).toEqual([1]);
    outbox.settle([outbox.of(roomId)[0]!.commandId]);
    expect(outbox.of(roomId)).toEqual([]);
  });

  it('sends in order, one at a time, whatever is lost on the way, and each message once (UX 2, L5)', async () => {
    const { log, tab } = bench();
    const outbox = tab();
    let turn = 0;
    log.plan = () => (['lose', 'lose answer', undefined, undefined] as const)[turn++ % 4];
    await Promise.all(['a', 'b', 'c'].map((body) => outbox.add(roomId, { body: body, replyTo: null })));
    const hurrying = setInterval(() => outbox.wake(), 5);
    await vi.waitFor(() => expect(outbox.of(roomId).every(({ posted }) => posted)).toBe(true), 5_000);
    clearInterval(hurrying);
    expect(bodies(log.stored)).toEqual(['a', 'b', 'c']);
    expect(log.seen.length).toBeGreaterThan(3);
  });

  it('waits without a link, survives the tab, and is sent by the next one (UX 2)', async () => {
    const { log, link, tab } = bench();
    link.up = false;
    const first = tab();
    await first.add(roomId, { body: 'written offline', replyTo: null });
    expect(first.of(roomId)).toMatchObject([{ attempted: false, sending: false, posted: null }]);
    first.close();
    link.up = true;
    const second = tab();
    await vi.waitFor(() => expect(second.of(roomId)).toMatchObject([{ posted: { seq: 1 } }]));
    expect(bodies(log.stored)).toEqual(['written offline']);
  });

  it('shows a refusal, lets the others pass, and sends again or deletes as the person says', async () => {
    const { log, tab, kept } = bench();
    const outbox = tab();
    log.plan = ({ body }) => (body.startsWith('bad') ? 'refuse' : undefined);
    await outbox.add(roomId, { body: 'bad one', replyTo: null });
    await outbox.add(roomId, { body: 'bad two', replyTo: null });
    await outbox.add(roomId, { body: 'good', replyTo: null });
    await vi.waitFor(() => expect(bodies(log.stored)).toEqual(['good']));
    const [one, two] = outbox.of(roomId).filter(({ refusal }) => refusal);
    expect(one?.refusal?.code).toBe('invalid');
    log.plan = null;
    await outbox.retry(one!.commandId);
    await outbox.discard(two!.commandId);
    await vi.waitFor(() => expect(bodies(log.stored)).toEqual(['good', 'bad one']));
    await vi.waitFor(async () => expect(await kept()).toEqual([]));
  });

  it('T-F14: two tabs show the same messages and send each of them once', async () => {
    const { log, link, tab } = bench();
    link.up = false;
    const [left, right] = [tab(), tab()];
    for (const body of ['1', '2', '3', '4'])
      await (Number(body) % 2 ? left : right).add(roomId, { body: body, replyTo: null });
    await vi.waitFor(() => expect(bodies(left.of(roomId))).toEqual(bodies(right.of(roomId))));
    link.up = true;
    left.wake();
    right.wake();
    await vi.waitFor(() => {
      for (const outbox of [left, right]) expect(outbox.of(roomId).filter(({ posted }) => posted)).toHaveLength(4);
    });
    expect(log.seen).toHaveLength(4);
    expect([...bodies(log.stored)].sort()).toEqual(['1', '2', '3', '4']);
  });
});
