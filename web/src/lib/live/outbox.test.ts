import 'fake-indexeddb/auto';
import { newId } from '@safesend/shared/ids.ts';
import type { PostedMessage } from '@safesend/shared/socket.ts';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Outbox } from './outbox.ts';
import { openPendingStore, type Pending, type PendingStore } from './pending-store.ts';
import { LinkLost, Refusal } from './refusal.ts';

const userId = newId();
const roomId = newId();

type Fate = 'lose' | 'lose answer' | 'refuse' | 'break' | 'store and break' | undefined;

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
    if (fate === 'break') throw broken();
    const known = this.#answers.get(pending.commandId);
    if (!known) this.stored.push(pending);
    const answer = known ?? { seq: this.stored.length, eventId: newId(), at: '', hash: '' };
    this.#answers.set(pending.commandId, answer);
    if (fate === 'lose answer') throw new LinkLost();
    if (fate === 'store and break') throw broken();
    return answer;
  };
}

const broken = () => new Refusal({ code: 'unexpected', message: 'Something failed.', requestId: 'r-1' });

const opened: Outbox[] = [];
let databases = 0;

function bench() {
  const log = new Log();
  const name = `outbox-${++databases}`;
  const link = { up: true };
  const tab = (store = openPendingStore(name)) => {
    const outbox = new Outbox({
      userId,
      store,
      post: log.post,
      isUp: () => link.up,
      channel: new BroadcastChannel(name),
      alone: (lock, run) => navigator.locks.request(`${name}:${lock}`, run),
      changed: () => undefined,
    });
    opened.push(outbox);
    return outbox;
  };
  /** As in a private mode that opens no database. */
  const lame = Promise.reject<PendingStore>(new DOMException('No.', 'SecurityError'));
  lame.catch(() => undefined);
  /** As on a full disk on which somebody makes room after the first try. */
  const full = openPendingStore(name).then((store) => {
    let puts = 0;
    const put = async (pending: Pending) => {
      if (puts++ === 0) throw new DOMException('Full.', 'QuotaExceededError');
      await store.put(pending);
    };
    return { ...store, put };
  });
  /** As if every pause were over at once. */
  const hurry = async (outbox: Outbox, wanted: () => void) => {
    const hurrying = setInterval(() => outbox.wake(), 5);
    await vi.waitFor(wanted, 5_000).finally(() => clearInterval(hurrying));
  };
  return { log, link, tab, hurry, lame, full, kept: async () => (await openPendingStore(name)).all(userId) };
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
    const { log, tab, hurry } = bench();
    const outbox = tab();
    let turn = 0;
    log.plan = () => (['lose', 'lose answer', undefined, undefined] as const)[turn++ % 4];
    await Promise.all(['a', 'b', 'c'].map((body) => outbox.add(roomId, { body: body, replyTo: null })));
    await hurry(outbox, () => expect(outbox.of(roomId).every(({ posted }) => posted)).toBe(true));
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

  it('S08 UX 2 what the server fails at again and again stands as failed with its request id, behind what went on', async () => {
    const { log, link, tab, hurry, kept } = bench();
    const outbox = tab();
    log.plan = ({ body }) => (body === 'poison' ? 'break' : undefined);
    await Promise.all(['poison', 'after it'].map((body) => outbox.add(roomId, { body, replyTo: null })));
    await hurry(outbox, () => expect(bodies(log.stored)).toEqual(['after it']));
    expect(outbox.of(roomId)).toMatchObject([
      { body: 'after it', posted: { seq: 1 } },
      { body: 'poison', posted: null, refusal: { code: 'unexpected', requestId: 'r-1' } },
    ]);
    const tries = log.seen.filter((body) => body === 'poison').length;
    expect(tries).toBe(4);
    expect(await kept()).toMatchObject([{ body: 'poison', refusal: { code: 'unexpected' } }]);
    link.up = false;
    await outbox.add(roomId, { body: 'later', replyTo: null });
    expect(bodies(outbox.of(roomId)), 'what waits goes before it').toEqual(['after it', 'later', 'poison']);
    link.up = true;
    log.plan = null;
    await outbox.retry(outbox.of(roomId).at(-1)!.commandId);
    await vi.waitFor(() => expect(bodies(log.stored)).toContain('poison'));
  });

  it('S08 UX 2 what was stored before the server failed is asked for again, and never shown as failed', async () => {
    const { log, tab, hurry } = bench();
    const outbox = tab();
    const refused: boolean[] = [];
    let turn = 0;
    log.plan = () => {
      refused.push(outbox.of(roomId).some(({ refusal }) => refusal));
      return turn++ === 0 ? 'store and break' : undefined;
    };
    await outbox.add(roomId, { body: 'stored', replyTo: null });
    await hurry(outbox, () => expect(outbox.of(roomId)).toMatchObject([{ posted: { seq: 1 }, refusal: null }]));
    expect(refused).toEqual([false, false]);
    expect(bodies(log.stored)).toEqual(['stored']);
  });

  it('S08 two tabs do not hurry each other: what the server fails at is tried as often as from one', async () => {
    const { log, tab } = bench();
    const [left, right] = [tab(), tab()];
    log.plan = () => 'break';
    const startedAt = Date.now();
    await left.add(roomId, { body: 'poison', replyTo: null });
    for (const outbox of [left, right]) {
      await vi.waitFor(() => expect(outbox.of(roomId)).toMatchObject([{ refusal: { code: 'unexpected' } }]), 15_000);
    }
    expect(log.seen).toHaveLength(4);
    expect(Date.now() - startedAt, 'they rest between the tries').toBeGreaterThanOrEqual(1_000);
  }, 20_000);

  it('X04 UX 2 a browser that keeps nothing sends all the same, in order, and says that only this tab has it', async () => {
    const { log, link, tab, lame } = bench();
    link.up = false;
    const outbox = tab(lame);
    for (const body of ['one', 'two']) await outbox.add(roomId, { body, replyTo: null });
    expect(outbox.of(roomId)).toMatchObject([{ onlyHere: true }, { onlyHere: true }]);
    link.up = true;
    outbox.wake();
    await vi.waitFor(() => expect(bodies(log.stored)).toEqual(['one', 'two']));
    await vi.waitFor(() => expect(outbox.of(roomId).every(({ posted }) => posted)).toBe(true));
    expect(log.seen).toEqual(['one', 'two']);
  });

  it('X04 a message the store refuses goes before one that it takes later, and is deleted like any other', async () => {
    const { log, link, tab, full } = bench();
    link.up = false;
    const outbox = tab(full);
    for (const body of ['first', 'second', 'third']) await outbox.add(roomId, { body, replyTo: null });
    expect(outbox.of(roomId).map(({ onlyHere }) => onlyHere)).toEqual([true, false, false]);
    await outbox.discard(outbox.of(roomId)[1]!.commandId);
    link.up = true;
    outbox.wake();
    await vi.waitFor(() => expect(bodies(log.stored)).toEqual(['first', 'third']));
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
