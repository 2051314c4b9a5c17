import Bell from '@lucide/svelte/icons/bell';
import Files from '@lucide/svelte/icons/files';
import FolderKanban from '@lucide/svelte/icons/folder-kanban';
import LayoutDashboard from '@lucide/svelte/icons/layout-dashboard';
import MessagesSquare from '@lucide/svelte/icons/messages-square';
import Settings from '@lucide/svelte/icons/settings';
import Wallet from '@lucide/svelte/icons/wallet';
import { m } from '#lib/paraglide/messages.js';
import type { Shell } from './shell.svelte.ts';

/** The places of the product, the same in the side bar and the palette; a phone's bar has room for the daily ones. */
export function places(shell: Shell) {
  const notifications = shell.notificationsUnread;
  const messages = shell.roomsUnread;
  return [
    { href: '/dashboard', label: m.nav_dashboard(), icon: LayoutDashboard, keys: 'g d', count: 0, countLabel: '' },
    { href: '/projects', label: m.nav_projects(), icon: FolderKanban, keys: 'g p', count: 0, countLabel: '' },
    { href: '/files', label: m.nav_files(), icon: Files, keys: 'g f', count: 0, countLabel: '' },
    {
      href: '/messages',
      label: m.nav_messages(),
      icon: MessagesSquare,
      keys: 'g m',
      count: messages,
      countLabel: m.nav_unread({ count: messages }),
    },
    {
      href: '/notifications',
      label: m.nav_notifications(),
      icon: Bell,
      keys: 'g n',
      count: notifications,
      countLabel: m.nav_unread({ count: notifications }),
    },
    { href: '/payments', label: m.nav_payments(), icon: Wallet, keys: 'g w', count: 0, countLabel: '' },
    { href: '/settings', label: m.nav_settings(), icon: Settings, keys: 'g s', count: 0, countLabel: '' },
  ];
}

/** Settings are in everybody's own menu too. */
export function dailyPlaces(shell: Shell) {
  return places(shell).filter(({ href }) => href !== '/settings');
}

export function isHere(pathname: string, href: string): boolean {
  return pathname === href || pathname.startsWith(`${href}/`);
}
