import { setTimeout as pause } from 'node:timers/promises';

/** Moments at which a test may end or hold up the process. */
export const faultPoints = [
  'committed',
  'acknowledging',
  'seated',
  'paged',
  'hashed',
  'published',
  'dropped',
  // One money operation: taken, accepted by the processor, answered by it, written down.
  'claimed',
  'accepted',
  'answered',
  'recorded',
  // A payout schedule that is held back: decided, and answered by the processor.
  'holding',
  'held',
] as const;
export type FaultPoint = (typeof faultPoints)[number];

/** What keeps a promise. A test takes one away to see that it would notice. */
export const mechanisms = [
  'ack-after-disk',
  'buffer-cap',
  'command-ids',
  'download-pace',
  'drain',
  'fail-closed',
  'give-back',
  'head-poll',
  'late-read',
  'late-removal',
  'membership-under-lock',
  'position-check',
  'publish-catch',
  'read-back',
  'recipients',
  'redis-deadline',
  'room-lock',
  'session-poll',
  'shared-limits',
  'sight',
  'silence-limit',
  'skip-locked',
  'start-patience',
  'upload-round',
] as const;
export type Mechanism = (typeof mechanisms)[number];

interface Faults {
  readonly exits: ReadonlySet<string>;
  readonly pauses: ReadonlyMap<string, number>;
  readonly missing: ReadonlySet<string>;
}

let faults: Faults | undefined;

const order = new RegExp(
  `^(none|exit:(${faultPoints.join('|')})|pause:(${faultPoints.join('|')}):\\d{1,5}|without:(${mechanisms.join('|')}))$`,
);

/** Orders that make no sense, as they were given. */
export function unknownFaults(text: string): string[] {
  return ordersOf(text).filter((it) => !order.test(it));
}

/**
 * `none`, `exit:<point>`, `pause:<point>:<milliseconds>` and `without:<mechanism>`, separated by commas. For tests alone: the
 * environment refuses it anywhere else. Replaces what was armed before, except for what is missing.
 */
export function armFaults(text: string): void {
  const orders = ordersOf(text).map((it) => it.split(':'));
  const named = (kind: string) => orders.filter(([it]) => it === kind);
  const missing = named('without').map(([, name = '']) => name);
  faults = {
    exits: new Set(named('exit').map(([, point = '']) => point)),
    pauses: new Map(named('pause').map(([, point = '', ms]) => [point, Number(ms)])),
    missing: new Set([...(faults?.missing ?? []), ...missing]),
  };
}

/** Ends the process as a power cut would, where a test armed that. */
export function strike(point: FaultPoint): void {
  if (faults?.exits.has(point)) process.kill(process.pid, 'SIGKILL');
}

/** Undefined, and nothing to wait for, unless a test armed a pause here. */
export function pauseAt(point: FaultPoint): Promise<void> | undefined {
  const ms = faults?.pauses.get(point);
  return ms === undefined ? undefined : pause(ms);
}

export function isWithout(mechanism: Mechanism): boolean {
  return faults !== undefined && faults.missing.has(mechanism);
}

function ordersOf(text: string): string[] {
  return text.split(',').map((it) => it.trim());
}
