import type { Action } from 'svelte/action';

/** Keeps an element's end above the on-screen keyboard, which covers the page without resizing it. */
export const keyboardInset: Action<HTMLElement> = (node) => {
  const viewport = window.visualViewport;
  if (!viewport) return;
  const fit = () => {
    const covered = window.innerHeight - viewport.height - viewport.offsetTop;
    // Pinch zoom shrinks the visual viewport too, and is no keyboard.
    node.style.paddingBottom = viewport.scale === 1 && covered > 80 ? `${covered}px` : '';
  };
  viewport.addEventListener('resize', fit);
  viewport.addEventListener('scroll', fit);
  return {
    destroy() {
      viewport.removeEventListener('resize', fit);
      viewport.removeEventListener('scroll', fit);
    },
  };
};
