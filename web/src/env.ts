import { defineEnvVars } from '@sveltejs/kit/env';

export const variables = defineEnvVars({
  SAFESEND_LOOPBACK: {
    description: 'Where the API listens for the page renderer; the server sets it before it loads the pages.',
    schema: (value) => value ?? 'http://127.0.0.1:3000',
  },
  SAFESEND_PAGE_KEY: {
    description: 'Proves to the API that a request comes from the page renderer of its own process.',
    schema: (value) => value ?? '',
  },
  SAFESEND_PAGE_CARDS: {
    description: 'Whose library takes cards on the pages of payments: stripe, or nobody’s.',
    schema: (value) => value ?? '',
  },
});
