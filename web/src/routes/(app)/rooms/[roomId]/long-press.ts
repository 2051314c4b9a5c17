import type { Action } from 'svelte/action';

const holdFor = 450;
const tolerance = 10;

/** A finger held still on an element, without the browser's own menu. */
export const longPress: Action<HTMLElement, () => void> = (node, onpress) => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let start = { x: 0, y: 0 };
  const cancel = () => clearTimeout(timer);
  const down = (event: PointerEvent) => {
    if (event.pointerType === 'mouse' || (event.target as HTMLElement).closest('a, button')) return;
    start = { x: event.clientX, y: event.clientY };
    cancel();
    timer = setTimeout(onpress, holdFor);
  };
  const move = ({ clientX, clientY }: PointerEvent) => {
    if (Math.hypot(clientX - start.x, clientY - start.y) > tolerance) cancel();
  };
  // Android offers its own menu for the same gesture.
  const menu = (event: Event) => (event as PointerEvent).pointerType === 'touch' && event.preventDefault();
  const listeners = {
    pointerdown: down,
    pointermove: move,
    pointerup: cancel,
    pointercancel: cancel,
    contextmenu: menu,
  } as const;
  for (const [name, listener] of Object.entries(listeners)) node.addEventListener(name, listener as EventListener);
  return {
    destroy() {
      cancel();
      for (const [name, listener] of Object.entries(listeners))
        node.removeEventListener(name, listener as EventListener);
    },
  };
};
