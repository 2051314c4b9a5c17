import { listApiTokens, listBlocks, listSessions } from '@safesend/shared/accounts/calls.ts';
import { listPasskeys } from '@safesend/shared/accounts/passkey-calls.ts';
import { getTaxDetails } from '@safesend/shared/escrow/calls.ts';
import { getNotificationPreferences } from '@safesend/shared/notifications/calls.ts';
import { load as loadCall } from '#lib/api/load.ts';
import { settingsTabs, type SettingsTab } from './tabs.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async (event) => {
  event.depends('safesend:settings');
  const asked = event.url.searchParams.get('tab');
  const tab: SettingsTab = settingsTabs.find((known) => known === asked) ?? 'profile';
  return {
    tab,
    sessions: tab === 'sessions' ? (await loadCall(event, listSessions, {})).items : [],
    passkeys: tab === 'passkeys' ? (await loadCall(event, listPasskeys, {})).items : [],
    apiTokens: tab === 'tokens' ? (await loadCall(event, listApiTokens, {})).items : [],
    preferences: tab === 'notifications' ? (await loadCall(event, getNotificationPreferences, {})).preferences : null,
    taxDetails: tab === 'tax' ? (await loadCall(event, getTaxDetails, {})).taxDetails : null,
    blocks: tab === 'blocked' ? (await loadCall(event, listBlocks, {})).items : [],
  };
};
