/** A combination as one writes it: `mod+k`, `alt+shift+ArrowUp`, `?`, or one after the other: `g d`. `mod` is ⌘ on a Mac, Ctrl elsewhere. */
export type Keys = string;

const isMac = () => typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.userAgent);

const names: Record<string, string> = {
  shift: '⇧',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Enter: '↵',
  Escape: 'Esc',
  End: 'End',
};

/** The caps to print for a combination. */
export function keyNames(keys: Keys): string[] {
  // A plus that joins nothing is the key itself.
  return keys.split(/(?<=.)[+\s]/).map((key) => {
    if (key === 'mod') return isMac() ? '⌘' : 'Ctrl';
    if (key === 'alt') return isMac() ? '⌥' : 'Alt';
    return names[key] ?? (key.length === 1 ? key.toUpperCase() : key);
  });
}

export function matchesKeys(event: KeyboardEvent, keys: Keys): boolean {
  const parts = keys.split('+');
  const key = parts.at(-1) ?? '';
  const wants = (modifier: string) => parts.includes(modifier) && parts.length > 1;
  const mod = isMac() ? event.metaKey : event.ctrlKey;
  const otherMod = isMac() ? event.ctrlKey : event.metaKey;
  // A sign like "?" is typed with Shift on some keyboards and without on others.
  const shiftCounts = key.length > 1 || /[a-z0-9]/i.test(key);
  return (
    event.key.toLowerCase() === key.toLowerCase() &&
    mod === wants('mod') &&
    !otherMod &&
    event.altKey === wants('alt') &&
    (!shiftCounts || event.shiftKey === wants('shift'))
  );
}

/** F1 to F24 write nothing: they mean the same while somebody types, and nobody presses them by speaking. */
export function isFunctionKey({ key }: Pick<KeyboardEvent, 'key'>): boolean {
  return /^F\d{1,2}$/.test(key);
}

/** Keys without a modifier belong to the text while somebody writes. */
export function isTyping(event: KeyboardEvent): boolean {
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches('input, textarea, select, [role="textbox"]');
}
