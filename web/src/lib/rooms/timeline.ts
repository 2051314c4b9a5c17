import type { Milestone } from '@safesend/shared/projects/milestone.ts';
import { milestoneOf } from '@safesend/shared/rooms/about.ts';
import type { RoomEvent } from '@safesend/shared/rooms/event.ts';
import type { Message } from '@safesend/shared/rooms/message.ts';
import type { RoomKind } from '@safesend/shared/rooms/room.ts';
import { reacted } from '@safesend/shared/rooms/reduce.ts';

type EventOf<Type extends RoomEvent['type']> = Extract<RoomEvent, { type: Type }>;
type Posted = EventOf<'message.posted'>;
type Change = EventOf<'message.edited' | 'message.deleted' | 'reaction.added' | 'reaction.removed'>;

/** Facts about a message that stands elsewhere: they change its line and have none of their own. */
export type FactEvent = Exclude<RoomEvent, Posted | Change>;

export interface MessageLine {
  readonly kind: 'message';
  readonly seq: number;
  readonly eventId: string;
  readonly at: string;
  /** I was not here from this moment on until the line, and see nothing of what came between. */
  readonly awaySince?: string;
  readonly message: Message;
}
export interface FactLine {
  readonly kind: 'fact';
  readonly seq: number;
  readonly eventId: string;
  readonly at: string;
  readonly awaySince?: string;
  readonly event: FactEvent;
  /** What a milestone was before this fact, where the stretch says. */
  readonly before: Milestone | null;
  /** Whom the invitation it ends was for, where the stretch says. */
  readonly invited: string | null;
}
export type Line = MessageLine | FactLine;

/**
 * The lines of one unbroken stretch of a room's log, `from` to `to`. The stretch grows at both ends; whatever the order
 * of growing, its lines are those of the whole log folded at once.
 */
export class Timeline {
  #from: number;
  #to: number;
  #lines: Line[] = [];
  /** The ends of what was read: facts have no gap in their numbers but where I was away. */
  #first: Place | null = null;
  #last: Place | null = null;
  #seqOf = new Map<string, number>();
  /** Changes to messages posted before the stretch, in order, waiting for their message. */
  #early = new Map<string, Change[]>();
  #milestones = new Map<string, Milestone>();
  #invited = new Map<string, string>();
  /** The line that tells all of a release or refund so far, or of one payment that it is not there yet. */
  #toldOf = new Map<string, number>();
  readonly #kind: RoomKind;
  readonly #isPayer: boolean;

  /** An empty stretch just after the number `at`. Of the attempts to pay the payer reads each, and nobody else. */
  constructor(at: number, kind: RoomKind, isPayer: boolean) {
    this.#kind = kind;
    this.#isPayer = isPayer;
    this.#from = at + 1;
    this.#to = at;
  }

  get from(): number {
    return this.#from;
  }

  get to(): number {
    return this.#to;
  }

  /** A new array after every change. */
  get lines(): readonly Line[] {
    return this.#lines;
  }

  /** The facts after `to`, ascending, up to and including the number `to`. */
  append(events: readonly RoomEvent[], to: number): void {
    const lines = [...this.#lines];
    for (const event of events) {
      if (event.seq <= this.#to) continue;
      if (isChange(event)) this.#change(lines, event);
      else this.#add(lines, event, awaySince(this.#last, event));
      this.#first ??= event;
      this.#last = event;
    }
    this.#lines = lines;
    this.#to = Math.max(this.#to, to, events.at(-1)?.seq ?? 0);
  }

  /** The facts before `from`, ascending, from the number `from` on. */
  prepend(events: readonly RoomEvent[], from: number): void {
    const older = new Timeline(from - 1, this.#kind, this.#isPayer);
    older.append(
      events.filter(({ seq }) => seq < this.#from),
      this.#from - 1,
    );
    for (const [messageId, changes] of this.#early) {
      const known = older.#seqOf.has(messageId);
      if (known) for (const change of changes) older.#change(older.#lines, change);
      else older.#early.set(messageId, [...(older.#early.get(messageId) ?? []), ...changes]);
    }
    for (const [messageId, seq] of older.#seqOf) this.#seqOf.set(messageId, seq);
    this.#early = older.#early;
    const [next, ...rest] = older.#completing(this.#lines);
    let away = this.#first && awaySince(older.#last, this.#first);
    for (const [matter, seq] of older.#toldOf) {
      if (this.#toldOf.has(matter)) away = withdraw(older.#lines, seq, away ?? {});
      else this.#toldOf.set(matter, seq);
    }
    this.#lines = [...older.#lines, ...(next ? [away ? { ...next, ...away } : next] : []), ...rest];
    this.#first = older.#first ?? this.#first;
    this.#last ??= older.#last;
    for (const [id, milestone] of older.#milestones) if (!this.#milestones.has(id)) this.#milestones.set(id, milestone);
    for (const [id, label] of older.#invited) if (!this.#invited.has(id)) this.#invited.set(id, label);
    this.#from = from;
  }

  /** The line at this number, or the nearest after it; the last one when there is none. */
  indexOf(seq: number): number {
    return indexOf(this.#lines, seq);
  }

  lineOf(messageId: string): MessageLine | undefined {
    const seq = this.#seqOf.get(messageId);
    const line = seq === undefined ? undefined : this.#lines[this.indexOf(seq)];
    return line?.kind === 'message' ? line : undefined;
  }

  #add(lines: Line[], event: Posted | FactEvent, away: Away): void {
    // Two people who talk directly are there from the beginning: nobody comes in.
    if (this.#kind === 'direct' && event.type === 'member.joined') return;
    const { seq, id: eventId, at } = event;
    const matter = decisionOf(event) ?? (this.#isPayer ? null : unpaidOf(event));
    if (matter !== null) {
      const told = this.#toldOf.get(matter);
      if (told !== undefined) away = withdraw(lines, told, away);
      this.#toldOf.set(matter, seq);
    }
    if (event.type !== 'message.posted') {
      const before = this.#replaced(event);
      return void lines.push({
        kind: 'fact',
        seq,
        eventId,
        at,
        ...away,
        event,
        before,
        invited: this.#invitedBy(event),
      });
    }
    this.#seqOf.set(event.data.id, seq);
    lines.push({ kind: 'message', seq, eventId, at, ...away, message: event.data });
  }

  /** Keeps a milestone as the fact leaves it; answers what it was. */
  #replaced(event: FactEvent): Milestone | null {
    const milestone = milestoneOf(event);
    if (!milestone) return null;
    const before = this.#milestones.get(milestone.id) ?? null;
    this.#milestones.set(milestone.id, milestone);
    return before;
  }

  /** Keeps whom an invitation is for; answers it for the fact that ends one. */
  #invitedBy(event: FactEvent): string | null {
    if (event.type === 'member.invited' || event.type === 'invitation.resent')
      this.#invited.set(event.data.id, event.data.label);
    return this.#invited.get(endedInvitation(event)) ?? null;
  }

  /** These lines, which follow mine: the first of each milestone now knows what it changed, an answer whose it is. */
  #completing(lines: readonly Line[]): Line[] {
    const met = new Set<string>();
    return lines.map((line) => {
      const invited = line.kind === 'fact' ? this.#invited.get(endedInvitation(line.event)) : undefined;
      if (invited !== undefined && line.kind === 'fact') return { ...line, invited };
      const milestone = line.kind === 'fact' ? milestoneOf(line.event) : null;
      if (!milestone || met.has(milestone.id)) return line;
      met.add(milestone.id);
      const before = this.#milestones.get(milestone.id);
      return before && line.kind === 'fact' ? { ...line, before } : line;
    });
  }

  #change(lines: Line[], change: Change): void {
    const messageId = subjectOf(change);
    const seq = this.#seqOf.get(messageId);
    if (seq === undefined) return void this.#early.set(messageId, [...(this.#early.get(messageId) ?? []), change]);
    const index = indexOf(lines, seq);
    const line = lines[index];
    if (line?.kind === 'message') lines[index] = { ...line, message: changed(line.message, change) };
  }
}

type Place = Pick<RoomEvent, 'seq' | 'at'>;
type Away = Pick<Line, 'awaySince'>;

/** Whoever comes back after he had left or was removed sees nothing of what happened meanwhile: the numbers tell. */
function awaySince(last: Place | null, { seq }: Place): Away {
  return last !== null && seq > last.seq + 1 ? { awaySince: last.at } : {};
}

/** Of money that came from several payments: the decision they carry out. */
function decisionOf(event: RoomEvent): string | null {
  const isPart = event.type === 'milestone.released' || event.type === 'milestone.refunded';
  return (isPart && event.data.together?.decisionId) || null;
}

/** Whose attempts all say the same to whoever does not pay: that it is not paid yet. */
function unpaidOf(event: RoomEvent): string | null {
  if (event.type === 'payment.failed') return event.data.payment.id;
  const waiting = event.type === 'milestone.waiting' ? event.data.waiting : null;
  return waiting?.reason === 'challenge' ? waiting.paymentId : null;
}

/** Takes away the line of a part that a later one tells as well; from when on I was away belongs to what follows it. */
function withdraw(lines: Line[], seq: number, away: Away): Away {
  const index = indexOf(lines, seq);
  if (lines[index]?.seq !== seq) return away;
  const since = lines.splice(index, 1)[0]?.awaySince;
  if (since === undefined) return away;
  const next = lines[index];
  if (!next) return { awaySince: since };
  lines[index] = { ...next, awaySince: next.awaySince ?? since };
  return away;
}

/** A line that shows a file. */
export type FileLine = FactLine & { readonly event: EventOf<'file.dropped' | 'file.versioned'> };

export function isFileLine(line: Line): line is FileLine {
  return line.kind === 'fact' && (line.event.type === 'file.dropped' || line.event.type === 'file.versioned');
}

function indexOf(lines: readonly Line[], seq: number): number {
  let low = 0;
  let high = lines.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lines[middle]?.seq ?? 0) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isChange(event: RoomEvent): event is Change {
  switch (event.type) {
    case 'message.edited':
    case 'message.deleted':
    case 'reaction.added':
    case 'reaction.removed':
      return true;
    default:
      return false;
  }
}

/** The invitation this fact ends; no id is empty. */
function endedInvitation(event: FactEvent): string {
  const isEnd = event.type === 'invitation.declined' || event.type === 'invitation.revoked';
  return isEnd ? event.data.invitationId : '';
}

function subjectOf(change: Change): string {
  return 'messageId' in change.data ? change.data.messageId : change.data.id;
}

function changed(message: Message, change: Change): Message {
  switch (change.type) {
    case 'message.edited':
    case 'message.deleted':
      return change.data;
    case 'reaction.added':
      return reacted(message, change.data.emoji, change.data.userId, true);
    case 'reaction.removed':
      return reacted(message, change.data.emoji, change.data.userId, false);
  }
}
