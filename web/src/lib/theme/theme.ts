import Monitor from '@lucide/svelte/icons/monitor';
import Moon from '@lucide/svelte/icons/moon';
import Sun from '@lucide/svelte/icons/sun';
import { m } from '#lib/paraglide/messages.js';

export type ThemeChoice = 'system' | 'light' | 'dark';

export function themeChoices() {
  return [
    { value: 'system', label: m.theme_system(), hint: m.theme_system_hint(), icon: Monitor },
    { value: 'light', label: m.theme_light(), hint: m.theme_light_hint(), icon: Sun },
    { value: 'dark', label: m.theme_dark(), hint: m.theme_dark_hint(), icon: Moon },
  ] as const;
}
