/** What is asked anew when a request was marked. */
export const supportKey = 'safesend:admin-support';
