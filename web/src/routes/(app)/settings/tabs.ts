export const settingsTabs = [
  'profile',
  'address',
  'password',
  'passkeys',
  'sessions',
  'notifications',
  'privacy',
  'appearance',
  'tax',
  'tokens',
  'blocked',
  'data',
] as const;
export type SettingsTab = (typeof settingsTabs)[number];
