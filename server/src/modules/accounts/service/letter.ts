import type { Mail } from '../../../kernel/ports/mail.ts';

export interface Letter {
  readonly to: string;
  readonly replyTo?: string;
  readonly subject: string;
  /** Plain sentences; everything in them is escaped. */
  readonly paragraphs: readonly string[];
  /** A list, after the paragraphs; each line leads to its own place where there is one. */
  readonly lines?: readonly Line[];
  readonly action?: { readonly label: string; readonly url: string };
  /** Said small, at the end. */
  readonly footnote?: string;
  /** For a mail that comes again and again: where one chooses not to get it. */
  readonly choice?: { readonly label: string; readonly url: string };
}

export interface Line {
  readonly text: string;
  readonly url: string | null;
}

/** A mail as every reader of mail can show it, in plain text and in modest HTML that follows light and dark. */
export function composeMail(letter: Letter): Mail {
  const { to, replyTo, subject, paragraphs, lines = [], action, footnote, choice } = letter;
  const blocks = [
    ...paragraphs,
    ...lines.map(({ text, url }) => `- ${oneLine(text)}${url === null ? '' : `\n  ${url}`}`),
    ...(action ? [`${action.label}:\n${action.url}`] : []),
    ...(footnote ? [footnote] : []),
    ...(choice ? [`${choice.label}:\n${choice.url}`] : []),
  ];
  return {
    to,
    ...(replyTo !== undefined && { replyTo }),
    subject: oneLine(subject),
    text: `${blocks.join('\n\n')}\n\nSafeSend\n`,
    html: page(letter),
    ...(choice && { list: { unsubscribe: choice.url } }),
  };
}

function page({ subject, paragraphs, lines = [], action, footnote, choice }: Letter): string {
  const blocks = paragraphs.map((text) => `<p>${escaped(text).replaceAll('\n', '<br>')}</p>`);
  if (lines.length > 0) blocks.push(`<ul>${lines.map(item).join('\n')}</ul>`);
  if (action)
    blocks.push(
      `<p><a class="go" href="${escaped(action.url)}">${escaped(action.label)}</a></p><p class="small">${escaped(action.url)}</p>`,
    );
  if (footnote) blocks.push(`<p class="small">${escaped(footnote)}</p>`);
  if (choice) blocks.push(`<p class="small"><a href="${escaped(choice.url)}">${escaped(choice.label)}</a></p>`);
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">
<meta name="viewport" content="width=device-width"><title>${escaped(oneLine(subject))}</title><style>
body{margin:0;padding:32px 16px;font:16px/1.55 system-ui,sans-serif;background:#f6f7f9;color:#1b1f26}
main{max-width:520px;margin:0 auto;padding:28px;border-radius:12px;background:#fff}
a{color:#1f4fd8}ul{margin:0 0 20px;padding:0 0 0 20px}li{margin:0 0 8px;overflow-wrap:anywhere}
.brand{margin:0 0 20px;font-weight:650}.small{font-size:13px;color:#5b6472;overflow-wrap:anywhere}
.go{display:inline-block;padding:11px 18px;border-radius:8px;background:#1f4fd8;color:#fff;text-decoration:none}
@media (prefers-color-scheme:dark){body{background:#101318;color:#e8ebf0}main{background:#191d24}a{color:#7ea2ff}.small{color:#9aa4b2}.go{background:#7ea2ff;color:#0d1220}}
</style></head><body><main><p class="brand">SafeSend</p>${blocks.join('\n')}</main></body></html>`;
}

function item({ text, url }: Line): string {
  const said = escaped(oneLine(text));
  return `<li>${url === null ? said : `<a href="${escaped(url)}">${said}</a>`}</li>`;
}

/** A name in a subject must not begin a header of its own. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (char) => entities[char] ?? char);
}
