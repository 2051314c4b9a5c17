/** Who sits where, at which server, and with which proof of who he is. */
export interface Seat {
  readonly url: string;
  readonly roomId: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly sends: boolean;
}

export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
}

/** `closed`: every sender sends the next message when the last one is acknowledged. `paced`: so many a second in all. */
export type Phase =
  | { readonly kind: 'closed'; readonly seconds: number; readonly window: number }
  | { readonly kind: 'paced'; readonly seconds: number; readonly rate: number };

export interface PhaseFigures {
  readonly seconds: number;
  readonly acked: number;
  readonly deliveries: number;
  readonly ackMs: Percentiles;
  readonly screenMs: Percentiles;
}

/**
 * Whether a room's facts carry one sequence that every member must see whole and in order, or whether its servers
 * have no common order and only the number of messages can be held against them.
 */
export type Order = 'sequence' | 'none';

/** From the bench to the load generator, one at a time. */
export type Command =
  | { readonly do: 'join'; readonly seats: readonly Seat[]; readonly order: Order }
  | { readonly do: 'run'; readonly phase: Phase; readonly warmUpSeconds: number }
  /** Every sender posts so many messages, and everybody sees them. */
  | { readonly do: 'post'; readonly each: number; readonly window: number }
  /** Every connection is cut, without a goodbye. */
  | { readonly do: 'drop' }
  /** Everybody comes back at once and catches up; each must find `missed` facts. */
  | { readonly do: 'resume'; readonly missed: number }
  | { readonly do: 'leave' };

/** And back. `faults` are messages lost, doubled, reordered or refused: a run with one has no speed. */
export type Report =
  | { readonly said: 'joined' }
  | { readonly said: 'begun' }
  | { readonly said: 'ended' }
  | {
      readonly said: 'done';
      readonly figures: PhaseFigures;
      readonly ackedEver: number;
      readonly faults: readonly string[];
    }
  | { readonly said: 'posted'; readonly ackedEver: number; readonly faults: readonly string[] }
  | { readonly said: 'dropped' }
  | {
      readonly said: 'resumed';
      readonly seconds: number;
      readonly bytes: number;
      readonly faults: readonly string[];
    }
  | { readonly said: 'left' }
  | { readonly said: 'failed'; readonly reason: string };
