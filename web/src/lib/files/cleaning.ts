import { m } from '#lib/paraglide/messages.js';
import { toastSent } from '#lib/ui/toast.ts';
import { cleaned } from './choosing.ts';

/** What is meant of what was chosen. Says what was left out, `hidden` of it before. */
export function cleanedAloud(files: readonly File[], hidden: number): readonly File[] {
  const choice = cleaned(files);
  const count = choice.hidden + hidden;
  if (count > 0) toastSent(m.files_hidden_left_out({ count }));
  return choice.files;
}
