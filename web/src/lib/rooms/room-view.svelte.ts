import type { RoomEvent } from '@safesend/shared/rooms/event.ts';
import type { Message } from '@safesend/shared/rooms/message.ts';
import type { RoomState } from '@safesend/shared/rooms/room.ts';
import { countsAsUnread } from '@safesend/shared/rooms/unread.ts';
import type { Live } from '#lib/live/live.svelte.ts';
import { readFrom, readLog, readNewest, type Stretch } from '#lib/live/log.ts';
import type { Outgoing, Written } from '#lib/live/outbox.ts';
import type { LiveRoom } from '#lib/live/room.svelte.ts';
import { Deliveries } from './deliveries.ts';
import { People } from './people.ts';
import { RoomFiles } from './room-files.svelte.ts';
import { Timeline, type Line, type MessageLine } from './timeline.ts';

/** What one row of the list shows: a line of the log, or a message that is still on its way there. */
export type Row = Line | (MessageLine & { readonly outgoing: Outgoing });

const olderPage = 100;
const fillPage = 500;
/** A jump this far back reads the pages between; a farther one starts a new stretch around its goal. */
const nearEnough = 1_000;
const around = 60;

/** The timeline of one open room: the stretch of its log that was read, growing both ways, and my messages on their way. */
export class RoomView {
  readonly room: LiveRoom;
  readonly people = new People();
  readonly files = new RoomFiles();
  #live: Live;
  #timeline: Timeline;
  #deliveries: Deliveries;
  #lines: readonly Line[];
  #outgoing = $state.raw<readonly Outgoing[]>([]);
  #hasOlder: boolean;
  #isPrepending = $state(false);
  #isFilling = false;
  #isOwing = false;
  /** Grows when the rows are another stretch of the log altogether. */
  #generation = $state(0);
  #older: Promise<void> | null = null;
  readonly rows: readonly Row[];

  constructor(live: Live, room: LiveRoom, stretch: Stretch) {
    this.#live = live;
    this.room = room;
    this.#deliveries = new Deliveries(live.myId);
    this.#timeline = timelineOf(stretch, this.room.state, this.#live.myId);
    this.#lines = $state.raw(this.#timeline.lines);
    this.#hasOlder = $state(this.#timeline.from > room.state.firstSeq);
    this.rows = $derived([...this.#lines, ...this.#outgoing.map((it) => rowOf(it, live.myId))]);
    this.#learn(stretch.events);
    this.files.learn(room.state.files, room.state.headSeq);
  }

  get generation(): number {
    return this.#generation;
  }

  get hasOlder(): boolean {
    return this.#hasOlder;
  }

  /** Rows are being added in front: the list keeps its place from its end. */
  get isPrepending(): boolean {
    return this.#isPrepending;
  }

  /** How far the rows reach. */
  get to(): number {
    return this.#timeline.to;
  }

  /** A row keeps its key when the message it shows becomes a fact. */
  keyOf = (row: Row): string => this.#deliveries.keyOf(row.eventId);

  open(): () => void {
    const stops = [
      this.room.listen({
        applied: (events, from, to) => this.#applied(events, from, to),
        replaced: (state) => void this.#replaced(state),
      }),
      this.#live.onOutbox((roomId) => roomId === this.room.id && this.#sync()),
      this.room.open(),
    ];
    this.#sync();
    if (this.#timeline.to < this.room.state.headSeq) void this.#fill();
    return () => {
      for (const stop of stops) stop();
    };
  }

  post(written: Written): void {
    void this.#live.outbox.add(this.room.id, written);
  }

  /** Reads the page before the first row; a second call while one is under way waits for it. */
  loadOlder(): Promise<void> {
    if (!this.#hasOlder) return Promise.resolve();
    this.#older ??= this.#readOlder().finally(() => (this.#older = null));
    return this.#older;
  }

  /** Brings the fact's line into the rows. Answers its index. */
  async reach(seq: number): Promise<number> {
    if (seq < this.#timeline.from - nearEnough) await this.#startAround(seq);
    while (seq < this.#timeline.from && this.#hasOlder) await this.loadOlder();
    return this.#timeline.indexOf(seq);
  }

  /** The row at this number, or the nearest after it. */
  indexOf(seq: number): number {
    return this.#timeline.indexOf(seq);
  }

  lineOf(messageId: string): MessageLine | undefined {
    // Read for its dependency: a quote follows the line it quotes.
    void this.#lines;
    return this.#timeline.lineOf(messageId);
  }

  /** The first fact after `seq` that another person would call unread; null when there is none. */
  firstUnreadAfter(seq: number): number | null {
    const from = this.#lines.length > 0 ? this.#timeline.indexOf(seq + 1) : 0;
    for (const line of this.#lines.slice(from)) if (line.seq > seq && this.#isUnread(line)) return line.seq;
    return null;
  }

  countUnreadAfter(seq: number): number {
    let count = 0;
    for (let index = this.#lines.length - 1; index >= 0; index--) {
      const line = this.#lines[index];
      if (!line || line.seq <= seq) break;
      if (this.#isUnread(line)) count++;
    }
    return count;
  }

  #isUnread(line: Line): boolean {
    if (line.kind === 'message') return line.message.authorId !== this.#live.myId && line.message.body !== null;
    return countsAsUnread(line.event.type) && line.event.actorId !== this.#live.myId;
  }

  #applied(events: readonly RoomEvent[], from: number, to: number): void {
    this.#learn(events);
    this.#deliveries.seen(events, this.#live.outbox.of(this.room.id));
    this.#confirm();
    // Behind the head the filling of the gap will bring these too, in their place.
    if (this.#timeline.to >= from) this.#timeline.append(events, to);
    else void this.#fill();
    this.#show();
  }

  async #replaced(state: RoomState): Promise<void> {
    const stretch = await readNewest(this.room.id, state.headSeq).catch(() => null);
    if (stretch) this.#start(stretch);
  }

  #start(stretch: Stretch): void {
    this.#timeline = timelineOf(stretch, this.room.state, this.#live.myId);
    this.#hasOlder = this.#timeline.from > this.room.state.firstSeq;
    this.#learn(stretch.events);
    this.files.learn(this.room.state.files, this.room.state.headSeq);
    this.#isPrepending = false;
    this.#generation++;
    this.#show();
    if (this.#timeline.to < this.room.state.headSeq) void this.#fill();
  }

  async #startAround(seq: number): Promise<void> {
    this.#start(await readFrom(this.room.id, Math.max(seq - around, this.room.state.firstSeq)));
  }

  async #readOlder(): Promise<void> {
    const timeline = this.#timeline;
    const page = await readLog(this.room.id, { before: timeline.from, limit: olderPage });
    if (timeline !== this.#timeline) return;
    this.#learn(page.events);
    timeline.prepend(page.events, page.more ? (page.events[0]?.seq ?? 1) : 1);
    this.#hasOlder = page.more;
    this.#show();
    this.#isPrepending = true;
  }

  /** The list has taken the prepended rows in. */
  prepended(): void {
    this.#isPrepending = false;
    if (this.#isOwing) this.#show();
  }

  /** Reads on from the stretch's end until it meets the live head; edits on the way correct what is already shown. */
  async #fill(): Promise<void> {
    if (this.#isFilling) return;
    this.#isFilling = true;
    try {
      while (this.#timeline.to < this.room.state.headSeq && !this.room.closed) {
        const timeline = this.#timeline;
        const { events, to } = await readFrom(this.room.id, timeline.to + 1, fillPage);
        if (timeline !== this.#timeline) continue;
        this.#learn(events);
        timeline.append(events, to);
        this.#show();
      }
    } catch {
      // The next fact, or the next look at older pages, tries again.
    } finally {
      this.#isFilling = false;
    }
  }

  #learn(events: readonly RoomEvent[]): void {
    this.people.learn(this.room.state.members);
    this.people.learnFrom(events);
    this.files.learnFrom(events);
  }

  #sync(): void {
    this.#deliveries.update(this.#live.outbox.of(this.room.id));
    this.#confirm();
    this.#show();
  }

  #confirm(): void {
    const { outbox } = this.#live;
    for (const { commandId, posted } of this.#deliveries.arrived(outbox.of(this.room.id))) {
      void outbox.confirm(commandId, posted);
    }
  }

  #show(): void {
    // The list must not take rows at its end for prepended ones: they wait until it has taken those in.
    this.#isOwing = this.#isPrepending;
    if (this.#isOwing) return;
    const all = this.#live.outbox.of(this.room.id);
    this.#outgoing = all.filter((it) => !this.#deliveries.isShown(it, this.#timeline.to));
    this.#live.outbox.settle(
      all.filter((it) => it.posted && it.posted.seq <= this.#timeline.to).map(({ commandId }) => commandId),
    );
    this.#lines = this.#timeline.lines;
  }
}

function timelineOf({ events, from, to }: Stretch, { room, project }: RoomState, myId: string): Timeline {
  const timeline = new Timeline(from - 1, room.kind, project?.clientId === myId);
  timeline.append(events, to);
  return timeline;
}

function rowOf(outgoing: Outgoing, myId: string): Row {
  const message: Message = {
    id: outgoing.commandId,
    authorId: myId,
    body: outgoing.body,
    replyTo: outgoing.replyTo,
    files: [...(outgoing.files ?? [])],
    mentions: [],
    reactions: [],
    createdAt: outgoing.createdAt,
    editedAt: null,
    deletedAt: null,
  };
  const seq = Number.MAX_SAFE_INTEGER;
  return { kind: 'message', seq, eventId: outgoing.commandId, at: outgoing.createdAt, message, outgoing };
}
