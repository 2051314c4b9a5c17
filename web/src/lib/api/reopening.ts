const key = 'safesend-reopened';
const restMs = 20_000;

/** A page that could not be opened opens by itself; one that fails again and again is not torn from its reader each time. */
export const reopening = {
  isTooSoon: (): boolean => Date.now() - Number(sessionStorage.getItem(key) ?? 0) < restMs,
  now(): void {
    sessionStorage.setItem(key, String(Date.now()));
    location.reload();
  },
};
