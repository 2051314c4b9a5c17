import { render } from 'svelte/server';
import { describe, expect, it } from 'vitest';
import MessageText from './MessageText.svelte';
import { safeHref } from './links.ts';

/** What a browser is given for a message, without Svelte's own markers. */
function html(body: string): string {
  return render(MessageText, { props: { body, usernames: new Set(['ana']) } }).body.replaceAll(/<!--.*?-->/g, '');
}

/** Ways in that others have found: handlers, schemes and their disguises, foreign namespaces, half-open tags. */
const hostile = [
  ...[
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'java\tscript:alert(1)',
    ' javascript:alert(1)',
    '\u0001javascript:alert(1)',
  ]
    .concat([
      'javascript&colon;alert(1)',
      '&#106;avascript:alert(1)',
      'javascript&#58;alert(1)',
      'vbscript:x',
      'data:text/html,<script>alert(1)</script>',
    ])
    .concat([
      'data:image/svg+xml;base64,PHN2Zz4=',
      'file:///etc/passwd',
      'blob:https://example.org/x',
      '//evil.example',
      '\\\\evil.example',
    ])
    .flatMap((it) => [
      `[a](${it})`,
      `[a](<${it}>)`,
      `![a](${it})`,
      `<${it}>`,
      `[a][b]\n\n[b]: ${it}`,
      `[![a](${it})](${it})`,
    ]),
  ...[
    'script',
    'img src=x onerror=alert(1)',
    'svg/onload=alert(1)',
    'iframe srcdoc=x',
    'math><mtext><style><img src onerror=alert(1)>',
  ]
    .concat([
      'a href=javascript:alert(1)',
      'body onload=alert(1)',
      'details open ontoggle=alert(1)',
      'base href=//evil.example',
      'object data=x',
    ])
    .flatMap((it) => [
      `<${it}>`,
      `a <${it}> b`,
      `**<${it}>**`,
      `> <${it}>`,
      `- <${it}>`,
      `| <${it}> |\n|-|\n| <${it}> |`,
      `\`\`\`<${it}>\nx\n\`\`\``,
      `[<${it}>](https://example.org)`,
      `<${it}`,
      `[a](https://example.org "<${it}>")`,
      `[a](https://example.org/"${it})`,
    ]),
  '<!--><img src=x onerror=alert(1)>-->',
  '<![CDATA[<script>alert(1)</script>]]>',
  '@ana" onmouseover="alert(1)',
  '```js" onmouseover="alert(1)\nx\n```',
  '**a<script>**alert(1)</script>',
];

describe('T05 message text', () => {
  it('T-B11: nothing anybody writes becomes an element, an attribute or an address that is not on the list', () => {
    const tag = /<(\/?)([a-z][\w-]*)((?:\s[^<>]*)?)>/gi;
    const allowed = /^(div|p|strong|em|del|blockquote|ul|ol|li|table|thead|tbody|tr|th|td|a|code|pre|span|br|hr)$/;
    const attribute =
      /^(?:\s+(?:class="[\w\s-]*"|tabindex="0"|start="\d+"|target="_blank"|rel="noopener nofollow"|href="(?:https?:\/\/|mailto:)[^"]*"))*\s*\/?$/;
    expect(hostile.length).toBeGreaterThanOrEqual(200);
    for (const body of hostile) {
      const drawn = html(body);
      for (const [whole, , name = '', attributes = ''] of drawn.matchAll(tag)) {
        expect(name, `${body} → ${whole}`).toMatch(allowed);
        expect(attributes, `${body} → ${whole}`).toMatch(attribute);
      }
    }
  });

  it('draws what people write to mark a text up', () => {
    const drawn = html('**b** _i_ ~~d~~ ~t~ `c`  \nnext\n\n> quote\n\n3. three\n4. four\n\n| a |\n|---|\n| 1 |\n\n---');
    for (const part of [
      '<strong>b</strong>',
      '<em>i</em>',
      '<del>d</del> ~t~',
      '<code>c</code><br/>next',
      '<blockquote><p>quote</p>',
    ])
      expect(drawn).toContain(part);
    for (const part of [
      '<ol start="3"><li>three</li>',
      '<thead><tr><th>a</th></tr></thead><tbody><tr><td>1</td>',
      '<hr/>',
    ])
      expect(drawn).toContain(part);
    expect(html('see www.example.org, a@example.org')).toMatch(/http:\/\/www.example.org\/".*mailto:a@example.org/);
    expect(html('\\*plain\\* &amp; 1 < 2')).toContain('*plain* &amp;amp; 1 &lt; 2');
  });

  it('shows as typed what nests deeper than anybody means, quickly', () => {
    for (const body of [
      '> '.repeat(5_000),
      '1. '.repeat(3_300),
      '**'.repeat(2_500) + 'a' + '**'.repeat(2_500),
      '['.repeat(10_000),
    ])
      expect(html(body).replaceAll(/<[^>]*>/g, '')).toContain(body.slice(-20).trim());
    expect(html('> '.repeat(40) + 'deep').match(/<blockquote>/g)?.length).toBeLessThan(30);
  });
  it('shows as typed what is emphasised more often than anybody means: it would hold up everybody in the room', () => {
    const most = '*a* '.repeat(200).trim();
    expect(html(most).match(/<em>/g)?.length).toBe(200);
    for (const body of ['*a **b'.repeat(1_600), '(*a '.repeat(2_500), '_b "'.repeat(2_500)]) {
      expect(html(body)).not.toMatch(/<(em|strong)>/);
      expect(html(body).replaceAll(/<[^>]*>/g, '')).toContain(body.slice(-20).trim());
    }
    expect(html(`${'*a **b'.repeat(1_600)}\n\n*another* text`)).toContain('<em>another</em>');
  });
  it('shows HTML as what was typed and never as elements', () => {
    for (const hostile of ['<script>alert(1)</script>', 'a <img src=x onerror=alert(1)> b', '<svg/onload=alert(1)>']) {
      const drawn = html(hostile);
      expect(drawn).not.toMatch(/<(script|img|svg)/);
      expect(drawn).toContain(hostile.replaceAll('<', '&lt;'));
    }
  });

  it('links only to web and mail addresses, in a new tab that learns nothing about us', () => {
    const drawn = html('[a](https://example.org/x)');
    expect(drawn).toContain('href="https://example.org/x"');
    expect(drawn).toContain('rel="noopener nofollow"');
    expect(drawn).toContain('target="_blank"');
    for (const bad of ['javascript:alert(1)', 'data:text/html,x', 'vbscript:x', 'java\nscript:alert(1)', '/relative']) {
      expect(safeHref(bad)).toBeNull();
    }
    for (const bad of ['[a](javascript:alert(1))', '[a](data:text/html;base64,eA==)', '![a](javascript:alert(1))']) {
      expect(html(bad)).not.toMatch(/<a|<img|href/);
    }
  });

  it('loads no picture: it becomes a link with its description', () => {
    const drawn = html('![a cat](https://tracker.example/cat.png)');
    expect(drawn).not.toContain('<img');
    expect(drawn).toMatch(/<a [^>]*href="https:\/\/tracker.example\/cat.png"[^>]*>a cat<\/a>/);
  });

  it('UX 15: marks members who are named, outside code and links', () => {
    expect(html('hi @ana and @nobody')).toMatch(/hi <span class="mention[^"]*">@ana<\/span> and @nobody/);
    expect(html('`@ana` and [@ana](https://example.org)')).not.toContain('mention');
  });

  it('keeps headings and task boxes out of the structure of the page', () => {
    expect(html('# Big\n\n- [x] done')).not.toMatch(/<h1|<input/);
  });

  it('needs no parser for plain words, and keeps their lines', () => {
    expect(html('one\ntwo & three')).toContain('<p>one\ntwo &amp; three</p>');
  });
});
