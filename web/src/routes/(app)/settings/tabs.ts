export const settingsTabs = [
  'profile',
  'address',
  'password',
  'sessions',
  'privacy',
  'appearance',
  'tokens',
  'blocked',
] as const;
export type SettingsTab = (typeof settingsTabs)[number];
