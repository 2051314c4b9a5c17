import { afterNavigate, beforeNavigate, goto, preloadData } from '$app/navigation';
import { isReachable } from '#lib/api/reach.ts';
import type { Live } from '#lib/live/live.svelte.ts';
import { unopened } from './unopened.svelte.ts';

/**
 * Off the line a link would put an error in the place of what stands on the screen, typed words included; one that leads out of
 * the program would put the browser's own there. One stays where one is then, and is told. Whether there is a line the server is
 * asked, where the live link or the browser doubts it.
 */
export function stayOffTheLine({ connection }: Live): void {
  let newest = 0;

  async function follow(url: URL, isWholePage: boolean): Promise<void> {
    const mine = ++newest;
    const mayOpen = (await isReachable()) || (!isWholePage && (await isHere(url)));
    if (mine !== newest) return;
    if (!mayOpen) return unopened.tell(() => follow(url, isWholePage));
    unopened.clear();
    if (isWholePage) location.assign(url);
    else await goto(url);
  }

  beforeNavigate(({ type, to, willUnload, cancel }) => {
    newest++;
    if (type !== 'link' || !to || isWithin(to.url) || (navigator.onLine && !connection.isDown)) return;
    cancel();
    void follow(to.url, willUnload);
  });
  afterNavigate(() => unopened.clear());
}

/** To another place of the page that is shown. */
function isWithin({ origin, pathname, search }: URL): boolean {
  return origin === location.origin && pathname === location.pathname && search === location.search;
}

/** Its program and what it shows are known. */
async function isHere(url: URL): Promise<boolean> {
  const { type, status } = await preloadData(url.href);
  return type === 'redirect' || (type === 'loaded' && status < 400);
}
