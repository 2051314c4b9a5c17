import { Marked, type MarkedToken, type Token, type Tokens } from 'marked';
import { safeHref } from './links.ts';

/** The only elements a message can become. What is not here does not exist, whatever somebody writes. */
export type Tag =
  'p' | 'strong' | 'em' | 'del' | 'blockquote' | 'ul' | 'ol' | 'li' | 'table' | 'thead' | 'tbody' | 'tr' | 'th' | 'td';

/** One piece of a message as it is drawn. */
export type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'mention'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'break' }
  | { readonly kind: 'rule' }
  | { readonly kind: 'block'; readonly text: string; readonly fence: string }
  | { readonly kind: 'link'; readonly href: string; readonly parts: readonly Part[] }
  | {
      readonly kind: 'element';
      readonly tag: Tag;
      readonly parts: readonly Part[];
      readonly start?: number;
      readonly isTitle?: boolean;
    };

type IsMember = (username: string) => boolean;

/** Deeper than anybody writes on purpose: what lies below is shown as it was typed. */
const deepest = 24;
/** Quotes and lists inside each other at the beginning of a line: the parser takes seconds for thousands of them. */
const nested = new RegExp(String.raw`^(?:[ \t]*(?:>|[-+*][ \t]|\d{1,9}[.)][ \t])){${2 * deepest}}`, 'm');
/** So many marks of emphasis in one text nobody means, and for each the parser looks through all that follows. */
const mostMarks = 400;
const mention = /@([a-z0-9](?:[a-z0-9_-]*[a-z0-9])?)/gi;
const notMarkup = () => undefined;

/** HTML is text; one tilde is a tilde. */
const markdown = new Marked({
  gfm: true,
  tokenizer: {
    html: notMarkup,
    tag: notMarkup,
    emStrong: (_source, whole) => (isEmphasised(whole) ? false : undefined),
    del: (source) => (source.startsWith('~~') ? false : undefined),
  },
});

let counted = { text: '', marks: 0 };

/** Asked at every step through one text. */
function isEmphasised(text: string): boolean {
  if (counted.text !== text) counted = { text, marks: text.match(/[*_]+/g)?.length ?? 0 };
  return counted.marks <= mostMarks;
}

/** A text written by anybody, as parts that are safe to draw: no HTML, no pictures from elsewhere, no other links. */
export function partsOf(body: string, isMember: IsMember): readonly Part[] {
  const asTyped = [element('p', [text(body)])];
  if (nested.test(body)) return asTyped;
  let tokens: Token[];
  try {
    tokens = markdown.lexer(body);
  } catch {
    // What exhausts the parser's stack, nobody means.
    return asTyped;
  }
  return new Reader(isMember).all(tokens, 0, false);
}

class Reader {
  #isMember: IsMember;

  constructor(isMember: IsMember) {
    this.#isMember = isMember;
  }

  /** `isLiteral`: inside a link, where a name marks nobody. */
  all(tokens: readonly Token[], depth: number, isLiteral: boolean): Part[] {
    // Without extensions of ours there are no tokens but the parser's own.
    return tokens.flatMap((token) => this.#one(token as MarkedToken, depth + 1, isLiteral));
  }

  #one(token: MarkedToken, depth: number, isLiteral: boolean): Part[] {
    if (depth > deepest) return [text(token.raw)];
    const inside = (tag: Tag, tokens: readonly Token[]) => [element(tag, this.all(tokens, depth, isLiteral))];
    switch (token.type) {
      case 'paragraph':
        return inside('p', token.tokens);
      case 'heading':
        // The headings of the page are its own.
        return [{ ...element('p', this.all(token.tokens, depth, isLiteral)), isTitle: true }];
      case 'strong':
      case 'em':
      case 'del':
      case 'blockquote':
        return inside(token.type, token.tokens);
      case 'list':
        return [this.#list(token, depth, isLiteral)];
      case 'list_item':
        return inside('li', token.tokens);
      case 'checkbox':
        return [text(token.checked ? '☑ ' : '☐ ')];
      case 'table':
        return [this.#table(token, depth, isLiteral)];
      case 'code':
        return [{ kind: 'block', text: token.text, fence: token.lang ?? '' }];
      case 'codespan':
        return [{ kind: 'code', text: token.text }];
      case 'link':
        return this.#link(token.href, this.all(token.tokens, depth, true));
      case 'image':
        return this.#link(token.href, [text(token.text || token.href)]);
      case 'br':
        return [{ kind: 'break' }];
      case 'hr':
        return [{ kind: 'rule' }];
      case 'text':
        if (token.tokens) return this.all(token.tokens, depth, isLiteral);
        return isLiteral ? [text(token.text)] : this.#withMentions(token.text);
      case 'escape':
        return [text(token.text)];
      case 'space':
      case 'def':
        return [];
      default:
        return [text(token.raw)];
    }
  }

  #link(address: string, parts: readonly Part[]): Part[] {
    const href = safeHref(address);
    return href === null ? [...parts] : [{ kind: 'link', href, parts }];
  }

  #list({ ordered, start, items }: Tokens.List, depth: number, isLiteral: boolean): Part {
    const list = element(ordered ? 'ol' : 'ul', this.all(items, depth, isLiteral));
    return ordered && start !== '' && start !== 1 ? { ...list, start } : list;
  }

  #table({ header, rows }: Tokens.Table, depth: number, isLiteral: boolean): Part {
    const row = (tag: 'th' | 'td', cells: readonly Tokens.TableCell[]) =>
      element(
        'tr',
        cells.map(({ tokens }) => element(tag, this.all(tokens, depth, isLiteral))),
      );
    const body = rows.map((cells) => row('td', cells));
    return element('table', [element('thead', [row('th', header)]), element('tbody', body)]);
  }

  #withMentions(value: string): Part[] {
    const parts: Part[] = [];
    let from = 0;
    for (const match of value.matchAll(mention)) {
      if (!this.#isMember(match[1]?.toLowerCase() ?? '')) continue;
      parts.push(text(value.slice(from, match.index)), { kind: 'mention', text: match[0] });
      from = match.index + match[0].length;
    }
    return [...parts, text(value.slice(from))].filter((it) => it.kind !== 'text' || it.text !== '');
  }
}

function text(value: string): Extract<Part, { kind: 'text' }> {
  return { kind: 'text', text: value };
}

function element(tag: Tag, parts: readonly Part[]): Extract<Part, { kind: 'element' }> {
  return { kind: 'element', tag, parts };
}
