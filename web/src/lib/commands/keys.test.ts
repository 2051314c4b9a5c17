import { describe, expect, it } from 'vitest';
import { isFunctionKey, keyNames, matchesKeys } from './keys.ts';

const press = (key: string, held: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey', boolean>> = {}) =>
  ({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held }) as KeyboardEvent;

describe('UX 41 shortcuts', () => {
  it('UX 40 Ctrl+K opens the palette, K alone or with more does not', () => {
    expect(matchesKeys(press('k', { ctrlKey: true }), 'mod+k')).toBe(true);
    expect(matchesKeys(press('k'), 'mod+k')).toBe(false);
    expect(matchesKeys(press('k', { ctrlKey: true, altKey: true }), 'mod+k')).toBe(false);
    expect(matchesKeys(press('K', { ctrlKey: true, shiftKey: true }), 'mod+k')).toBe(false);
  });

  it('UX 41 a sign counts by what it is, whatever is held to type it', () => {
    expect(matchesKeys(press('?', { shiftKey: true }), '?')).toBe(true);
    expect(matchesKeys(press('?'), '?')).toBe(true);
    expect(matchesKeys(press('?', { ctrlKey: true }), '?')).toBe(false);
  });

  it('UX 60 F6 and Shift+F6 go different ways round, and a letter is no function key', () => {
    expect([matchesKeys(press('F6'), 'F6'), matchesKeys(press('F6', { shiftKey: true }), 'F6')]).toEqual([true, false]);
    expect([isFunctionKey(press('F6')), isFunctionKey(press('f')), isFunctionKey(press('F'))]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('UX 41 the caps of a combination are printed apart, and a plus that joins nothing is a key', () => {
    expect([keyNames('+'), keyNames('shift+Enter'), keyNames('g d')]).toEqual([['+'], ['⇧', '↵'], ['G', 'D']]);
  });

  it('UX 41 Alt+Shift+↓ goes to the next unread room', () => {
    expect(matchesKeys(press('ArrowDown', { altKey: true, shiftKey: true }), 'alt+shift+ArrowDown')).toBe(true);
    expect(matchesKeys(press('ArrowDown', { altKey: true }), 'alt+shift+ArrowDown')).toBe(false);
  });
});
