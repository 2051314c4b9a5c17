const longest = 140;

/** The beginning of a message as plain words, for a quote or a list. */
export function excerpt(body: string): string {
  const words = body
    .replaceAll(/```[^\n]*\n?|[*_~`>#]+/g, ' ')
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/\s+/g, ' ')
    .trim();
  const plain = words === '' ? body.trim() : words;
  return plain.length > longest ? `${plain.slice(0, longest).trimEnd()}…` : plain;
}
