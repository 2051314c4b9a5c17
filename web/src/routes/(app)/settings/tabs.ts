export const settingsTabs = [
  'profile',
  'address',
  'password',
  'sessions',
  'privacy',
  'appearance',
  'tax',
  'tokens',
  'blocked',
] as const;
export type SettingsTab = (typeof settingsTabs)[number];
