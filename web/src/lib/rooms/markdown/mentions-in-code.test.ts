import { mentionedNames } from '@safesend/shared/rooms/mentions.ts';
import { describe, expect, it } from 'vitest';
import { partsOf, type Part } from './parts.ts';

function marked(parts: readonly Part[]): string[] {
  return parts.flatMap((part) => {
    if (part.kind === 'mention') return [part.text.replace('@', '')];
    return 'parts' in part ? marked(part.parts) : [];
  });
}

const spoken = [
  'Ask @ana',
  'It`s @ana',
  '`\\`@ana`',
  'a ` tick\n\n@ana ` another',
  '- a ` tick\n- @ana ` another',
  '\\`@ana\\`',
  '`` ` `` and @ana',
  '```\ncode\n```\n@ana',
  '> ```\n> code\n\n@ana',
  '~~~\n```\n~~~\n@ana',
  'a line\n    goes on with @ana',
  '- an item\n\n    of two paragraphs, @ana',
  'no fence: ``` in a line @ana',
  '`one` @ana `two`',
  '- ```\n  code\n  ```\n- @ana',
];
const quoted = [
  '`@ana`',
  'Run `git blame @ana` first',
  '``a ` b @ana``',
  '```\n@ana\n```',
  '```ts\n@ana',
  '~~~\n@ana\n~~~~',
  '````\n```\n@ana\n````',
  '> ```\n> @ana\n> ```',
  '- ```\n  @ana\n  ```',
  'code:\n\n    @ana\n\n    @ana',
  '\t@ana',
  'over `two\nlines @ana` of text',
];

describe('UX 15 G10 a name in code marks nobody and tells nobody', () => {
  it.each(spoken)('spoken to: %j', (body) => {
    expect(mentionedNames(body)).toEqual(['ana']);
    expect(marked(partsOf(body, () => true))).toEqual(['ana']);
  });

  it.each(quoted)('code: %j', (body) => {
    expect(mentionedNames(body)).toEqual([]);
    expect(marked(partsOf(body, () => true))).toEqual([]);
  });
});
