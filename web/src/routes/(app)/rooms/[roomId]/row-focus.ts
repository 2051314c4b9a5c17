import type { RoomDesk } from '#lib/rooms/room-desk.svelte.ts';

const patience = 60;

/** Moving through the timeline with the keyboard: one row at a time holds the focus, wherever the list has scrolled. */
export class RowFocus {
  #desk: RoomDesk;

  constructor(desk: RoomDesk) {
    this.#desk = desk;
  }

  keydown(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    const place = placeOf(target);
    // The menu button of a toolbar opens with an arrow, and has said so.
    if (!place || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'End') this.#desk.jumpToLatest();
    else if (event.key === 'ArrowUp') this.#move(place, -1);
    else if (event.key === 'ArrowDown') this.#move(place, 1);
    else return;
    event.preventDefault();
  }

  /** Gives the focus to a row as soon as the list has drawn it. */
  take(index: number): void {
    const row = this.#desk.view.rows[index];
    if (!row) return;
    const key = this.#desk.view.keyOf(row);
    this.#desk.activeKey = key;
    focusWhenDrawn(key, patience);
  }

  #move(target: HTMLElement, by: 1 | -1): void {
    const { rows } = this.#desk.view;
    const here = target.dataset['row'];
    if (here === undefined) return this.#show(rows.length - 1);
    const index = rows.findIndex((row) => this.#desk.view.keyOf(row) === here);
    this.#show(Math.min(Math.max(index + by, 0), rows.length - 1));
  }

  #show(index: number): void {
    this.take(index);
    requestAnimationFrame(() => document.activeElement?.scrollIntoView({ block: 'nearest' }));
  }
}

/** Where the arrows set out from: a row or the whole log itself; among the actions of a row, from the row. */
function placeOf(target: HTMLElement): HTMLElement | null {
  if (target.matches('[data-row], [role="log"]')) return target;
  return target.closest('[role="toolbar"]')?.closest<HTMLElement>('[data-row]') ?? null;
}

/** The list draws a row it has just scrolled to some frames later. */
function focusWhenDrawn(key: string, framesLeft: number): void {
  requestAnimationFrame(() => {
    const row = document.querySelector<HTMLElement>(`[data-row="${CSS.escape(key)}"]`);
    row?.focus({ preventScroll: true });
    // Also a row that is there but not measured yet is hidden, and refuses the focus.
    const hasIt = row !== null && document.activeElement === row;
    if (!hasIt && framesLeft > 0) focusWhenDrawn(key, framesLeft - 1);
  });
}
