/** The same key is read by the script in app.html, before the first paint. */
export const modeStorageKey = 'safesend-mode';
