import type { RoomEvent } from '@safesend/shared/rooms/event.ts';
import type { PostedMessage } from '@safesend/shared/socket.ts';
import type { Outgoing } from '#lib/live/outbox.ts';

/**
 * Which fact became of which command, so that a message on its way and its fact are one row with one key.
 *
 * Facts do not name their command; the answer to the command names its fact. When the fact outruns the answer, the
 * message in flight with the same words is taken for it (only one is in flight per room), and the answer, which always
 * comes or is asked for again, corrects a wrong guess: never two rows for one message. A server that failed says nothing
 * about the log: then the fact alone tells that the message is in it.
 */
export class Deliveries {
  #myId: string;
  #commandOf = new Map<string, string>();
  #guesses = new Map<string, PostedMessage>();

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
      const alike = outgoing.filter(
        (it) =>
          it.attempted &&
          !it.posted &&
          !isRefused(it) &&
          !this.#guesses.has(it.commandId) &&
          it.body.trim() === body &&
          it.replyTo === replyTo,
      );
      const match = alike.find(({ refusal }) => !refusal) ?? alike[0];
      if (match) this.#bind(match.commandId, event);
    }
  }

  update(outgoing: readonly Outgoing[]): void {
    for (const it of outgoing) {
      const { commandId, posted } = it;
      const guess = this.#guesses.get(commandId);
      if (guess && (isRefused(it) || (posted && posted.eventId !== guess.eventId))) {
        this.#guesses.delete(commandId);
        this.#commandOf.delete(guess.eventId);
      }
      if (posted) this.#commandOf.set(posted.eventId, commandId);
    }
  }

  /** Messages at which the server failed, and which are in the log all the same. */
  arrived(outgoing: readonly Outgoing[]): { commandId: string; posted: PostedMessage }[] {
    return outgoing.flatMap(({ commandId, refusal }) => {
      const posted = this.#guesses.get(commandId);
      return refusal && posted ? [{ commandId, posted }] : [];
    });
  }

  /** Is the message's fact among the lines up to `to`? Then it needs no row of its own. */
  isShown({ commandId, posted }: Outgoing, to: number): boolean {
    return posted ? posted.seq <= to : this.#guesses.has(commandId);
  }

  #bind(commandId: string, { seq, id: eventId, at, hash }: RoomEvent): void {
    this.#guesses.set(commandId, { seq, eventId, at, hash });
    this.#commandOf.set(eventId, commandId);
  }
}

/** Was it decided that it is not in the log? */
function isRefused({ refusal }: Outgoing): boolean {
  return refusal !== null && refusal.code !== 'unexpected';
}
