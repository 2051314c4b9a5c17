import { expect, test } from 'vitest';
import { registration } from './forms.ts';
import { limits } from './limits.ts';
import { passwordWeakness } from './password.ts';

const own = ['vera.holm@example.com', 'vera-holm', 'Vera Holm'];

test.each([
  ['password123', /most common/],
  ['P4ssw0rd!!!', /most common/],
  ['Qwertyuiop1', /most common/],
  ['letmein2026', /most common/],
  ['aaaaaaaaaaaa', /five different/],
  ['1212121212', /five different/],
  ['1234567890', /Runs/],
  ['abcdefghijk', /Runs/],
  ['qwertasdfg', /Runs/],
  ['veraholm2026', /Leave your name/],
  ['vera.holm@example.com', /Leave your name/],
])('A07 %s is weak, and the reason is said', (password, reason) => {
  expect(passwordWeakness(password, own)).toMatch(reason);
});

test.each([
  'quiet harbour lamp',
  'Tr0ub4dor&3x',
  'my password is a long walk',
  'correct-horse-41-battery',
  'vera likes quiet harbours',
])('A07 %s is strong enough', (password) => {
  expect(passwordWeakness(password, own)).toBeNull();
});

test('A07 T-B32 a password that is too long is refused for that, and nobody waits while it is read', () => {
  for (const endless of ['a'.repeat(limits.password.max + 1), `abcde${'1'.repeat(50_000)}x`]) {
    expect(passwordWeakness(endless, own)).toBeNull();
    const { error } = registration.safeParse({
      ...{ email: 'vera@example.com', username: 'vera', displayName: 'Vera', role: 'client', password: endless },
    });
    expect(error?.issues.map(({ code, path }) => [code, ...path])).toEqual([['too_big', 'password']]);
  }
});
