import { limits } from '@safesend/shared/accounts/user.ts';

export type Strength = 0 | 1 | 2 | 3;

/**
 * How hard a password would be to guess, roughly: length counts most, then variety; repetition and what everybody can
 * know of the person count for nothing. A hint for the reader; the server alone decides.
 */
export function passwordStrength(password: string, personal: readonly string[]): Strength {
  let rest = password.toLowerCase();
  for (const known of personal) {
    for (const word of known.toLowerCase().split(/[^\p{L}\p{N}]+/u)) {
      if (word.length >= 3) rest = rest.replaceAll(word, '');
    }
  }
  rest = rest.replaceAll(/(.)\1{2,}/gu, '$1').replaceAll(/0?123456789?|abcdef|qwert[yz]u?|password|passwort/g, '');
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\p{N}/u, /[^\p{L}\p{N}]/u].filter((kind) => kind.test(password)).length;
  const score = rest.length + (kinds - 1) * 2;
  if (password.length < limits.password.min || score < 9) return 0;
  if (score < 13) return 1;
  return score < 18 ? 2 : 3;
}
