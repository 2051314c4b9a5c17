import { render } from 'svelte/server';
import { describe, expect, it } from 'vitest';
import MessageText from './MessageText.svelte';
import { safeHref } from './tame.ts';

/** What a browser is given for a message, without Svelte's own markers. */
function html(body: string): string {
  return render(MessageText, { props: { body, usernames: new Set(['ana']) } }).body.replaceAll(/<!--.*?-->/g, '');
}

describe('T05 message text', () => {
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
