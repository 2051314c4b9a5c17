import { Failure } from '@safesend/shared/failure.ts';
import type { JoinedRoom } from '@safesend/shared/socket.ts';
import type { MikroORM } from '@mikro-orm/postgresql';
import { gather } from './gather.ts';
import type { Metrics } from './metrics.ts';
import { asLive, findSights, readAllowed, refusePosition, type PageRequest, type Sight } from './reading.ts';

/** A page of the facts that a socket has missed. */
export type Missed = Omit<JoinedRoom, 'reads'>;

interface Position {
  readonly after: number;
  readonly limit: number;
  readonly epoch?: string | undefined;
}

const maxPages = 200;
/** Long enough for a crowd that comes back together; short enough to be no store of what may be erased. */
const keepMs = 1_000;

/**
 * What sockets have missed. After a restart a crowd asks at once, and the members of a room mostly ask for the same:
 * what a person may see is asked for many of them together, and a page is read once for all who may see exactly it.
 */
export class Backlog {
  readonly #orm: MikroORM;
  readonly #metrics: Metrics;
  readonly #pages = new Map<string, Promise<Missed>>();
  readonly #sight: (asked: { readonly roomId: string; readonly userId: string }) => Promise<Sight | null>;

  constructor(orm: MikroORM, metrics: Metrics) {
    this.#orm = orm;
    this.#metrics = metrics;
    this.#sight = gather(async (asked) => (await findSights(orm.em.fork(), asked)).map((value) => ({ value })));
  }

  /** As of a moment after the call. */
  async sight(roomId: string, userId: string): Promise<Sight> {
    const sight = await this.#sight({ roomId, userId });
    if (!sight) throw new Failure('missing', 'No such room.');
    return sight;
  }

  async page(sight: Sight, position: Position): Promise<Missed> {
    refusePosition(sight, position);
    if (position.after >= sight.headSeq) return nothingMissed(sight);
    // The head is part of the name: a page holds all that had happened when its reader looked, deletions included.
    const name = JSON.stringify([
      sight.roomId,
      sight.epoch,
      sight.headSeq,
      sight.intervals,
      position.after,
      position.limit,
    ]);
    const known = this.#pages.get(name);
    if (known) return known;
    const page = this.#read(sight, position);
    if (this.#pages.size < maxPages) this.#keep(name, page);
    return page;
  }

  async #read(sight: Sight, request: PageRequest): Promise<Missed> {
    this.#metrics.resumed();
    const page = await readAllowed(this.#orm.em.fork(), sight, request);
    return { ...page, events: page.events.map(asLive) };
  }

  #keep(name: string, page: Promise<Missed>): void {
    this.#pages.set(name, page);
    const forget = () => this.#pages.delete(name);
    page.catch(forget);
    setTimeout(forget, keepMs).unref();
  }
}

function nothingMissed({ headSeq, epoch, firstSeq }: Sight): Missed {
  return { events: [], headSeq, epoch, firstSeq, more: false };
}
