import { afterNavigate, beforeNavigate, goto } from '$app/navigation';
import { navigating, page } from '$app/state';
import { untrack } from 'svelte';

/** What lies above the page and is closed by Back before anything else is. */
interface Layer {
  readonly close: () => void;
  /** Search parameters that name what is shown, so that a reload or a link shows it again. */
  readonly search: (() => Record<string, string>) | undefined;
}

/** From the lowest to the topmost. */
const layers: Layer[] = [];
/** How many entries the history has above that of the page. */
let depth = 0;
let isKept = false;
const longestWay = 1_000;
/** We are on the way back ourselves. */
let returning: PromiseWithResolvers<void> | null = null;
let wasPopped = false;
let settling: Promise<void> = Promise.resolve();
let timer: ReturnType<typeof setTimeout> | undefined;
/** Search parameters that name a layer. */
let named: readonly string[] = [];

/** On a phone a dialog is a sheet over the whole page, and Back is how one leaves it. */
const isPhone = () => matchMedia('(width < 40rem)').matches;

/** Called by a part while it is made: as long as it is open, Back closes it and stays on the page. */
export function backCloses(isOpen: () => boolean, close: () => void, search?: Layer['search']): void {
  $effect(() => {
    if (!isOpen() || (!search && !isPhone())) return;
    const layer = { close, search };
    layers.push(layer);
    $effect(() => {
      search?.();
      settle();
    });
    return () => {
      const at = layers.indexOf(layer);
      if (at >= 0) layers.splice(at, 1);
      settle();
    };
  });
}

/** Called once, by what stands around all pages, with the search parameters by which an address may name a layer. */
export function keepLayers(names: readonly string[]): void {
  named = names;
  $effect(() => {
    isKept = true;
    const pop = () => (wasPopped = true);
    addEventListener('popstate', pop);
    return () => {
      isKept = false;
      removeEventListener('popstate', pop);
    };
  });
  // Kit writes the state of the entry one came to after its own look at it; `invalidate` writes one, too, without a way.
  // Where the way leads through a navigation, one is there when that is over.
  $effect(() => {
    const at = page.state.layers ?? 0;
    untrack(() => wasPopped && !navigating.to && arrived(at));
  });
  // A navigation that began while we go back would be taken for one that goes back itself.
  beforeNavigate(({ to, type, shallow, willUnload, cancel }) => {
    if (!returning || !to || type === 'popstate' || shallow || willUnload) return;
    cancel();
    void returning.promise.then(() => goto(to.url));
  });
  afterNavigate((to) => {
    const at = page.state.layers ?? 0;
    // Kit calls the way back to a layer's entry shallow although it led to another page.
    if (to.type === 'popstate') return landed(at, to.delta);
    if (to.shallow) return;
    depth = at;
    // What was opened while the page was still on its way has its place above it; what a reload closed has none.
    if (!isNamed()) settle();
  });
}

/** An address named a layer: it gets an entry of its own above that of the page, or none when nothing came of it. */
export async function settleNamed(isShown: boolean): Promise<void> {
  if (depth === 0) await goto(bare(), { replace: true, reset: false });
  else if (!isShown) settle();
}

/** On the way back nothing waits in an entry whose layer is gone: its page is the one before. */
function landed(at: number, delta: number): void {
  arrived(at);
  if (delta < 0 && depth > layers.length && !isNamed()) history.go(-depth);
}

/** Has the address the name of something that will be a layer again? */
function isNamed(): boolean {
  return bare().href !== location.href;
}

function bare(): URL {
  const url = new URL(location.href);
  for (const name of named) url.searchParams.delete(name);
  return url;
}

function arrived(at: number): void {
  wasPopped = false;
  depth = at;
  if (returning) returning.resolve();
  else closeAbove(at);
}

function closeAbove(height: number): void {
  for (const layer of layers.splice(height).reverse()) layer.close();
}

/** Once what happens at the same time has happened: one layer may make way for another, or for another page. */
function settle(): void {
  clearTimeout(timer);
  timer = setTimeout(() => (settling = settling.then(adjust)));
}

async function adjust(): Promise<void> {
  if (!isKept || navigating.to) return;
  if (depth > layers.length) await goBack(depth - layers.length);
  while (depth < layers.length) await write(++depth, false);
  if (depth > 0 && address() !== location.href) await write(depth, true);
}

async function goBack(entries: number): Promise<void> {
  returning = Promise.withResolvers();
  history.go(-entries);
  // The way back may be gone, in a copied tab for instance.
  setTimeout(returning.resolve, longestWay);
  await returning.promise;
  returning = null;
}

async function write(height: number, replace: boolean): Promise<void> {
  await goto(address(), { shallow: true, replace, state: { layers: height }, persistState: true });
}

function address(): string {
  const url = bare();
  for (const [name, value] of Object.entries(layers.at(-1)?.search?.() ?? {})) url.searchParams.set(name, value);
  return url.href;
}
