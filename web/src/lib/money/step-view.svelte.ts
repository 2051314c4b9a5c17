import type { Milestone } from '@safesend/shared/projects/milestone.ts';
import { getContext, setContext } from 'svelte';
import type { RoomDesk } from '#lib/rooms/room-desk.svelte.ts';

type Desk = Pick<RoomDesk, 'acting'> & { readonly state: { readonly milestones: readonly Milestone[] } };

/**
 * The milestone that a panel is about: as the room has it, and as it was when its button was pressed until that is answered.
 * The room may hear of what was done before whoever did it has his answer; counted anew, his own deed would be deducted twice.
 */
export class StepView {
  readonly #desk: Desk;
  #held = $state.raw<{ readonly of: Desk['acting']; readonly milestone: Milestone } | null>(null);
  readonly milestone: Milestone | undefined;

  constructor(desk: Desk) {
    this.#desk = desk;
    const live = $derived(desk.state.milestones.find(({ id }) => id === desk.acting?.milestoneId));
    this.milestone = $derived(this.#held && this.#held.of === desk.acting ? this.#held.milestone : live);
  }

  /** It was pressed. Another panel is another view. */
  hold(): void {
    const { milestone } = this;
    if (milestone) this.#held = { of: this.#desk.acting, milestone };
  }

  /** It was answered, and this goes on. */
  follow(): void {
    this.#held = null;
  }
}

const key = Symbol('step view');
export const setStepView = (desk: RoomDesk) => setContext(key, new StepView(desk));
export const getStepView = () => getContext<StepView>(key);
