import type { LiveRoom } from '#lib/live/room.svelte.ts';
import { throttle } from '#lib/live/pace.ts';
import type { RoomView } from './room-view.svelte.ts';
import { markUnreadFrom } from './message-verbs.ts';

const interval = 500;

/** How far I have read: from what was really on screen, in a visible tab. */
export class Reading {
  /** The first fact that was unread when I came; the line above it stays put while I am here. */
  #newLine: number | null;
  #seenTo: number;
  /** I marked something unread: looking at it must not undo that. */
  #isHeld = false;
  #myId: string;
  #room: LiveRoom;
  #view: RoomView;
  #moved: () => void;
  #tell = throttle(() => void this.#mark(), interval);

  constructor(view: RoomView, myId: string, readSeq: number, moved: () => void) {
    this.#view = view;
    this.#room = view.room;
    this.#myId = myId;
    this.#moved = moved;
    this.#newLine = $state(view.firstUnreadAfter(readSeq));
    this.#seenTo = $state(readSeq);
  }

  get newLine(): number | null {
    return this.#newLine;
  }

  /** Facts below the screen that I have not seen. */
  get newBelow(): number {
    return this.#view.countUnreadAfter(this.#seenTo);
  }

  /** The rows down to this number are on screen. */
  onScreen(seq: number): void {
    if (document.visibilityState !== 'visible') return;
    if (seq > this.#seenTo) this.#seenTo = seq;
    this.#tell();
  }

  /** I came back to the tab: what arrived meanwhile is new; without any the old line has done its work. */
  cameBack(): void {
    const readSeq = this.#room.reads.of(this.#myId);
    this.#newLine = this.#view.firstUnreadAfter(Math.max(readSeq, this.#isHeld ? 0 : this.#seenTo));
    this.#tell();
  }

  async markUnreadFrom(seq: number): Promise<void> {
    this.#isHeld = true;
    this.#tell.cancel();
    await markUnreadFrom(this.#room.id, seq);
    this.#room.reads.set(this.#myId, seq - 1);
    this.#newLine = seq;
    this.#moved();
  }

  /** Writing here is being here. */
  posted(): void {
    this.#isHeld = false;
  }

  /** Whoever leaves at once has read all the same what he looked at last. */
  stop(): void {
    this.#tell.cancel();
    void this.#mark();
  }

  async #mark(): Promise<void> {
    const seq = this.#seenTo;
    const isDue = !this.#isHeld && document.visibilityState === 'visible' && seq > this.#room.reads.of(this.#myId);
    if (!isDue || this.#room.closed) return;
    try {
      await this.#room.markRead(seq);
      this.#room.reads.advance(this.#myId, seq);
      this.#moved();
    } catch {
      // Nothing is lost: the next look at the room says it again.
    }
  }
}
