const protocols: ReadonlySet<string> = new Set(['http:', 'https:', 'mailto:']);

/** Where a link may lead; null for anything that is not a plain address. */
export function safeHref(href: unknown): string | null {
  if (typeof href !== 'string') return null;
  const url = URL.parse(href);
  return url && protocols.has(url.protocol) ? url.href : null;
}
