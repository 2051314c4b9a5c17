import type { Message } from '@safesend/shared/rooms/message.ts';
import { reacted } from '@safesend/shared/rooms/reduce.ts';
import { SvelteMap } from 'svelte/reactivity';
import { toastProblem } from '#lib/ui/toast.ts';
import { setReaction } from './message-verbs.ts';

interface Wish {
  readonly messageId: string;
  readonly emoji: string;
  readonly present: boolean;
}

/** The answer and the fact come in either order; by then both are here. */
const settleAfter = 2_000;

/** My reactions as I want them, shown before the log has them. */
export class MyReactions {
  #roomId: string;
  #myId: string;
  #wishes = new SvelteMap<string, Wish>();

  constructor(roomId: string, myId: string) {
    this.#roomId = roomId;
    this.#myId = myId;
  }

  shown(message: Message): Message {
    let shown = message;
    for (const wish of this.#wishes.values()) {
      if (wish.messageId === message.id && this.#has(shown, wish.emoji) !== wish.present) {
        shown = reacted(shown, wish.emoji, this.#myId, wish.present);
      }
    }
    return shown;
  }

  async toggle(message: Message, emoji: string): Promise<void> {
    const present = !this.#has(this.shown(message), emoji);
    const wish = { messageId: message.id, emoji, present };
    const name = `${message.id} ${emoji}`;
    this.#wishes.set(name, wish);
    const drop = () => {
      if (this.#wishes.get(name) === wish) this.#wishes.delete(name);
    };
    try {
      await setReaction(this.#roomId, message.id, emoji, present);
      setTimeout(drop, settleAfter);
    } catch (problem) {
      drop();
      toastProblem(problem, () => void this.toggle(message, emoji));
    }
  }

  #has(message: Message, emoji: string): boolean {
    return message.reactions.some((it) => it.emoji === emoji && it.userIds.includes(this.#myId));
  }
}
