import { expect, test, vi } from 'vitest';
import { whenStirring } from './stirring.ts';

test('UX 43 what a person may use next is fetched with the first sign of him, once, and at once from then on', () => {
  const page = new EventTarget();
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
  const [first, second, gone] = [vi.fn(), vi.fn(), vi.fn()];
  whenStirring(first);
  whenStirring(gone)();
  expect(first).not.toHaveBeenCalled();
  page.dispatchEvent(new Event('keydown'));
  page.dispatchEvent(new Event('pointermove'));
  expect(first).toHaveBeenCalledOnce();
  expect(gone).not.toHaveBeenCalled();
  whenStirring(second);
  expect(second).toHaveBeenCalledOnce();
});
