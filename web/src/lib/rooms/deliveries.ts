import type { RoomEvent } from '@safesend/shared/rooms/event.ts';
import type { Outgoing } from '#lib/live/outbox.ts';

/**
 * Which fact became of which command, so that a message on its way and its fact are one row with one key.
 *
 * Facts do not name their command; the answer to the command names its fact. When the fact outruns the answer, the
 * message in flight with the same words is taken for it (only one is in flight per room), and the answer, which always
 * comes or is asked for again, corrects a wrong guess: never two rows for one message.
 */
export class Deliveries {
  #myId: string;
  #commandOf = new Map<string, string>();
  #guesses = new Map<string, string>();

  constructor(myId: string) {
    this.#myId = myId;
  }

  keyOf(eventId: string): string {
    return this.#commandOf.get(eventId) ?? eventId;
  }

  seen(events: readonly RoomEvent[], outgoing: readonly Outgoing[]): void {
    for (const event of events) {
      if (event.type !== 'message.posted' || event.data.authorId !== this.#myId) continue;
      if (this.#commandOf.has(event.id)) continue;
      const { body, replyTo } = event.data;
      const match = outgoing.find(
        (it) =>
          it.attempted &&
          !it.posted &&
          !it.refusal &&
          !this.#guesses.has(it.commandId) &&
          it.body.trim() === body &&
          it.replyTo === replyTo,
      );
      if (match) this.#bind(match.commandId, event.id);
    }
  }

  update(outgoing: readonly Outgoing[]): void {
    for (const { commandId, posted, refusal } of outgoing) {
      const guess = this.#guesses.get(commandId);
      if (guess && (refusal || (posted && posted.eventId !== guess))) {
        this.#guesses.delete(commandId);
        this.#commandOf.delete(guess);
      }
      if (posted) this.#commandOf.set(posted.eventId, commandId);
    }
  }

  /** Is the message's fact among the lines up to `to`? Then it needs no row of its own. */
  isShown({ commandId, posted }: Outgoing, to: number): boolean {
    return posted ? posted.seq <= to : this.#guesses.has(commandId);
  }

  #bind(commandId: string, eventId: string): void {
    this.#guesses.set(commandId, eventId);
    this.#commandOf.set(eventId, commandId);
  }
}
