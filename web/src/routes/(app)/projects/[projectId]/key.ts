/** What this page's `load` depends on. */
export const projectKey = 'safesend:project';
