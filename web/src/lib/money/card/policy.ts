const folder = '/(app)/pay/';

/** Where the processor's library may be loaded, as it asks for them. Nothing of it is loaded from anywhere else. */
const origins: Readonly<Record<string, string>> = {
  'script-src': 'https://js.stripe.com https://*.js.stripe.com',
  'frame-src': "'self' https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com",
  'connect-src': 'https://api.stripe.com',
};

/** Is a card taken on this page? Only there may the script of somebody else run (ADR 15). */
export function takesCards(routeId: string | null): boolean {
  return routeId?.startsWith(folder) ?? false;
}

/** The policy of a page that takes cards: every other rule stays as strict as it was. */
export function withStripe(policy: string): string {
  const rules = policy.split(';').map((rule) => rule.trim());
  for (const [name, sources] of Object.entries(origins)) {
    const at = rules.findIndex((rule) => rule.startsWith(`${name} `));
    if (at < 0) rules.push(`${name} ${sources}`);
    else rules[at] = `${rules[at]} ${sources}`;
  }
  return rules.join('; ');
}
