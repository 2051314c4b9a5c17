import { expect, test } from 'vitest';
import { mentionedNames } from './mentions.ts';

test('UX 15 T-B32 names are found as quickly in a message that is mostly empty lines', () => {
  for (const gap of ['\n', ' \n', '\r\n', '\t\n'])
    expect(mentionedNames(`@ana${gap.repeat(60_000)}@ben ${'`'}@nobody${'`'}`)).toEqual(['ana', 'ben']);
});

test('UX 15 G10 a tick that opens nothing ends with its paragraph, however empty the line below it is', () => {
  for (const gap of ['\n\n', '\n \t\n', '\n\n\n'])
    expect(mentionedNames(`a ${'`'} tick${gap}@ana ${'`'}`)).toEqual(['ana']);
});
