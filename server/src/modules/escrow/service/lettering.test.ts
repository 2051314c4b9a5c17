import { expect, test } from 'vitest';
import { runsOf } from './lettering.ts';

const facesOf = (text: string) => runsOf(text).map(({ face, text: words }) => [face, words]);

test('UX 36 a text is cut by the faces that can write it', () => {
  expect(facesOf('Paid for “设计 Ω”')).toEqual([
    [null, 'Paid for “'],
    ['NotoSansSC', '设计'],
    [null, ' Ω”'],
  ]);
  expect(facesOf('田中メイ')).toEqual([['NotoSansSC', '田中メイ']]);
  expect(facesOf('김민준')).toEqual([['NotoSansKR', '김민준']]);
  expect(facesOf('Zoë Łukasz Дмитрий')).toEqual([[null, 'Zoë Łukasz Дмитрий']]);
  expect(facesOf('हिन्दी ไทย')).toEqual([
    ['NotoSansDevanagari', 'हिन्दी'],
    [null, ' '],
    ['NotoSansThai', 'ไทย'],
  ]);
});

test('UX 36 words that run from right to left come in their order', () => {
  expect(facesOf('ليلى حداد')).toEqual([
    ['NotoSansArabic', 'حداد'],
    [null, ' '],
    ['NotoSansArabic', 'ليلى'],
  ]);
  expect(facesOf('Fees: שרה לוי ')).toEqual([
    [null, 'Fees: '],
    ['NotoSansHebrew', 'לוי'],
    [null, ' '],
    ['NotoSansHebrew', 'שרה'],
    [null, ' '],
  ]);
});

test('UX 36 what no face can write is a question mark, and a picture is left out', () => {
  expect(facesOf('தமிழ்')).toEqual([[null, expect.stringMatching(/^\?/)]]);
  expect(facesOf('Mei 🎨')).toEqual([[null, 'Mei ']]);
  expect(facesOf('')).toEqual([]);
});
