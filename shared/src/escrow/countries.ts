/** Where the processor can pay people out; whether it may reach them from here it says when an account is opened. */
export const payoutCountries = [
  ...(['AT', 'AU', 'BE', 'BG', 'BR', 'CA', 'CH', 'CY', 'CZ', 'DE', 'DK', 'EE', 'ES', 'FI', 'FR', 'GB'] as const),
  ...(['GI', 'GR', 'HK', 'HR', 'HU', 'IE', 'IT', 'JP', 'LI', 'LT', 'LU', 'LV', 'MT', 'MX', 'MY', 'NL'] as const),
  ...(['NO', 'NZ', 'PL', 'PT', 'RO', 'SE', 'SG', 'SI', 'SK', 'TH', 'AE', 'US'] as const),
] as const;
export type PayoutCountry = (typeof payoutCountries)[number];
