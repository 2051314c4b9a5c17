/** The one name that is kept for a place; null where the name is none. */
export function canonicalTimeZone(name: string): string | null {
  try {
    const { timeZone: known } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    return known === 'UTC' || Intl.supportedValuesOf('timeZone').includes(known) ? known : null;
  } catch {
    return null;
  }
}
