const storageKey = 'safesend-recent-commands';
const kept = 8;

/** What was chosen last, newest first, on this device. */
export const recent = {
  read(): string[] {
    try {
      const stored: unknown = JSON.parse(localStorage.getItem(storageKey) ?? '[]');
      return Array.isArray(stored) ? stored.filter((id) => typeof id === 'string') : [];
    } catch {
      return [];
    }
  },
  add(id: string): void {
    const ids = [id, ...recent.read().filter((other) => other !== id)].slice(0, kept);
    localStorage.setItem(storageKey, JSON.stringify(ids));
  },
};
