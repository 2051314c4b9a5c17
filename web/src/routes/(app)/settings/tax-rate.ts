/** `19`, `8.1` or `8,1` per cent in hundredths; null for anything else. */
export function rateBpsOf(text: string): number | null {
  const [, whole = '', decimals = ''] = /^(\d{1,2})(?:[.,](\d{1,2}))?$/.exec(text.trim()) ?? [];
  return whole === '' ? null : Number(whole + decimals.padEnd(2, '0'));
}

export function rateText(bps: number): string {
  return String(bps / 100);
}
