/** What is asked anew when a mail was sent again. */
export const mailKey = 'safesend:admin-mail';
