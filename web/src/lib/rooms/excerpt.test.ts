import { expect, test } from 'vitest';
import { excerpt } from './excerpt.ts';

test.each([
  ['a > b and c < d'],
  ['snake_case_name and __init_subclass'],
  ['The colour is #f3efe8, issue #12'],
  ['2 * 3 * 4 = 24'],
  ['about ~5 days, ~/work'],
  ['C# and F#'],
  ['a[0] and f(x)'],
  ['-5 degrees'],
])('what is no Markdown stays as it is: %s', (text) => {
  expect(excerpt(text)).toBe(text);
});

test.each([
  ['**bold** and *italic* and _too_ and ~~gone~~', 'bold and italic and too and gone'],
  ['***both***, **an _inner_ one**', 'both, an inner one'],
  ['# Title\ntext', 'Title text'],
  ['> quoted\n> on', 'quoted on'],
  ['- one\n- two\n* three', 'one two three'],
  ['- **one**', 'one'],
  ['see [the plan](https://example.com/a_b_c) now', 'see the plan now'],
  ['![a picture](https://example.com/x.png "title")', 'a picture'],
  ['run `npm_run *all*` now', 'run npm_run *all* now'],
  ['``a ` b``', 'a ` b'],
  ['```ts\nconst a_b = c > d; # no title\n```\nafter', 'const a_b = c > d; # no title after'],
])('Markdown loses its marks and keeps its words: %s', (text, plain) => {
  expect(excerpt(text)).toBe(plain);
});

test('a long message is cut, and one of marks alone is shown as written', () => {
  expect(excerpt('word '.repeat(60))).toMatch(/^.{100,140}…$/);
  expect(excerpt('# ')).toBe('#');
});
