import { describe, expect, it } from 'vitest';
import { passwordStrength } from './password-strength.ts';

describe('A07 password hint', () => {
  it('A07 calls short, repeated, usual and personal passwords weak', () => {
    expect(passwordStrength('short1!', [])).toBe(0);
    expect(passwordStrength('aaaaaaaaaaaaaa', [])).toBe(0);
    expect(passwordStrength('password123456', [])).toBe(0);
    expect(passwordStrength('annaberg1987', ['anna.berg@example.com'])).toBe(0);
  });

  it('A07 grows with length and variety', () => {
    expect(passwordStrength('harbourgate', [])).toBe(1);
    expect(passwordStrength('harbour gate lamp 7', [])).toBe(3);
  });
});
