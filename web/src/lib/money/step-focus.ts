import { getContext, setContext } from 'svelte';
import type { RoomDesk } from '#lib/rooms/room-desk.svelte.ts';

/**
 * Where the focus goes when a step is done. The button that opened it is often gone by then, at once or when the room hears of
 * it: whoever stood on it stands on what it was about from then on, the milestone's card or the line.
 */
export class StepFocus {
  #desk: Pick<RoomDesk, 'acting' | 'actingOpen'>;
  #opener: Element | null = null;
  #home: HTMLElement | null = null;
  #stage: 'none' | 'open' | 'left' = 'none';

  constructor(desk: Pick<RoomDesk, 'acting' | 'actingOpen'>) {
    this.#desk = desk;
  }

  /** A step is open: what has the focus opened it. One step may lead to the next, which has the same way back. */
  begin(): void {
    if (this.#stage === 'open') return;
    const at = document.activeElement;
    this.#opener = at === document.body ? null : at;
    this.#home = at?.closest<HTMLElement>(places) ?? null;
    this.#stage = 'open';
  }

  /** Its dialog goes, and gives the focus back if it can; what of it is still drawn holds the focus some frames longer. */
  end(): void {
    if (this.#desk.actingOpen) return;
    this.#stage = 'left';
    this.#look(patience);
  }

  #look(framesLeft: number): void {
    this.settle();
    if (this.#stage === 'left' && framesLeft > 0) requestAnimationFrame(() => this.#look(framesLeft - 1));
  }

  /** The milestone may have changed under whoever stood on one of its buttons. */
  settle(): void {
    const isLost = document.activeElement === document.body && !this.#opener?.isConnected;
    if (this.#stage !== 'left' || !isLost) return;
    const others = document.querySelectorAll<HTMLElement>(placesOf(this.#desk.acting?.milestoneId ?? ''));
    [this.#home, ...others].find(isInSight)?.focus({ preventScroll: true });
    this.#stage = 'none';
  }
}

const patience = 60;
const places = '[data-row], [data-milestone]';
const placesOf = (id: string) => `[data-milestone="${CSS.escape(id)}"], [role="log"]:not([inert])`;
const isInSight = (it: HTMLElement | null) => it !== null && it.isConnected && it.checkVisibility();

const key = Symbol('step focus');
export const setStepFocus = (desk: RoomDesk) => setContext(key, new StepFocus(desk));
export const getStepFocus = () => getContext<StepFocus>(key);
