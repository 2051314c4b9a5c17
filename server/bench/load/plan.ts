/** Who sits where, and with which proof of who he is. */
export interface Seat {
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

/** From the bench to the load generator, one at a time. */
export type Order =
  | { readonly do: 'join'; readonly url: string; readonly seats: readonly Seat[] }
  | { readonly do: 'run'; readonly phase: Phase; readonly warmUpSeconds: number }
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
  | { readonly said: 'left' }
  | { readonly said: 'failed'; readonly reason: string };
