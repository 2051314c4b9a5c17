import { expect, test } from 'vitest';
import { clearBottom } from './toast-place.ts';

const desk = { width: 1280, height: 800 };
const phone = { width: 360, height: 640 };
const toast = { width: 336, height: 60 };
const box = (left: number, top: number, right: number, bottom: number) => ({ left, top, right, bottom });

test('UX 62 with nothing in the way toasts stand at the lower edge', () => {
  expect(clearBottom(desk, toast, [])).toBe(12);
  expect(clearBottom(desk, toast, [box(0, 700, 800, 800)]), 'beside').toBe(12);
  expect(clearBottom(desk, toast, [box(1000, 100, 1200, 400)]), 'above').toBe(12);
  expect(clearBottom(phone, toast, [box(0, 0, 0, 0)]), 'not drawn').toBe(12);
});

test('UX 62 toasts stand above the composer, and above what stands on it', () => {
  const composer = box(0, 560, 360, 640);
  expect(clearBottom(phone, toast, [composer])).toBe(92);
  expect(clearBottom(phone, toast, [box(100, 512, 260, 548), composer])).toBe(140);
});

test('UX 62 a sheet that leaves no room above is not stood on', () => {
  expect(clearBottom(phone, toast, [box(0, 50, 360, 640)])).toBe(12);
});
