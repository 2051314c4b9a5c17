const plain = '/favicon.svg';
const dotted = '/favicon-unread.svg';

/** Says on the tab and on the installed app's icon how much is unread; nothing unread is no mark at all. */
export function showBadge(unread: number): void {
  const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (icon) icon.href = unread > 0 ? dotted : plain;
  // Not every browser has it, and some refuse it to pages that are not installed: the title says the same.
  if ('setAppBadge' in navigator) navigator.setAppBadge(unread).catch(() => undefined);
}
