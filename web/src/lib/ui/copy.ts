import { m } from '#lib/paraglide/messages.js';
import { toastSent } from './toast.ts';

type Place = Element | null | undefined;

/**
 * Copies; answers whether it is. Where the browser refuses, or has no clipboard to give, as over plain http, that is said and
 * the text stands selected where it is shown, to be copied by hand.
 */
export async function copyText(text: string, shown: () => Place | Promise<Place>): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    toastSent(m.ui_copy_refused());
    const place = await shown();
    if (place) getSelection()?.selectAllChildren(place);
    return false;
  }
}
