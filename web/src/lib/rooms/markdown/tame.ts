import type { HastElement, HastNode, HastText } from 'svelte-exmarkdown';

const protocols: ReadonlySet<string> = new Set(['http:', 'https:', 'mailto:']);
const heading = /^h[1-6]$/;
const mention = /@([a-z0-9](?:[a-z0-9_-]*[a-z0-9])?)/gi;

/** Where a link may lead; null for anything that is not a plain address. */
export function safeHref(href: unknown): string | null {
  if (typeof href !== 'string') return null;
  const url = URL.parse(href);
  return url && protocols.has(url.protocol) ? url.href : null;
}

/**
 * A rehype plugin that fits a text written by anybody into a message: links that lead only where links may, pictures
 * as links (nothing is loaded from elsewhere), no headings that disturb the page's own, members' names marked.
 */
export function tame(isMember: (username: string) => boolean) {
  return () => (tree: HastNode) => {
    if ('children' in tree) tree.children = tameAll(tree.children ?? [], isMember, false) as typeof tree.children;
  };
}

function tameAll(nodes: readonly HastNode[], isMember: (username: string) => boolean, isLiteral: boolean): HastNode[] {
  return nodes.flatMap((node) => {
    if (node.type === 'text' && !isLiteral) return withMentions(node as HastText, isMember);
    if (node.type !== 'element') return [node];
    const element = node as HastElement;
    const inside = isLiteral || element.tagName === 'code' || element.tagName === 'a';
    const children = tameAll(element.children, isMember, inside) as HastElement['children'];
    return [tameElement({ ...element, children })];
  });
}

function tameElement(element: HastElement): HastNode {
  const { tagName, properties = {} } = element;
  if (tagName === 'a') return linkTo(safeHref(properties['href']), element.children);
  if (tagName === 'img') {
    const alt = typeof properties['alt'] === 'string' ? properties['alt'] : '';
    const href = safeHref(properties['src']);
    return linkTo(href, [text(alt || href || '')]);
  }
  if (tagName === 'input') return text(properties['checked'] ? '☑ ' : '☐ ');
  if (heading.test(tagName)) return { ...element, tagName: 'p', properties: { class: 'font-semibold' } };
  if (tagName === 'pre') return { ...element, properties: { ...properties, tabindex: 0 } };
  return element;
}

function linkTo(href: string | null, children: HastElement['children']): HastElement {
  if (href === null) return { type: 'element', tagName: 'span', properties: {}, children };
  const properties = { href, target: '_blank', rel: 'noopener nofollow', class: 'link' };
  return { type: 'element', tagName: 'a', properties, children };
}

function withMentions({ value }: HastText, isMember: (username: string) => boolean): HastNode[] {
  const parts: HastNode[] = [];
  let from = 0;
  for (const match of value.matchAll(mention)) {
    if (!isMember(match[1]?.toLowerCase() ?? '')) continue;
    parts.push(text(value.slice(from, match.index)));
    parts.push({ type: 'element', tagName: 'span', properties: { class: 'mention' }, children: [text(match[0])] });
    from = match.index + match[0].length;
  }
  return [...parts, text(value.slice(from))].filter((it) => it.type !== 'text' || (it as HastText).value !== '');
}

function text(value: string): HastText {
  return { type: 'text', value };
}
