import { limits } from './limits.ts';

/** What is left of a common choice when its digits, signs and look-alikes are taken away. */
const commonRoots = new Set(
  (
    'password passwort passwd motdepasse contrasena senha qwerty qwertyuiop qwertz qwertzuiop azerty azertyuiop asdfgh ' +
    'asdfghjkl zxcvbn zxcvbnm yxcvbnm abc abcd abcde abcdef abcdefg abcdefgh abcdefghij abcdefghijk iloveyou ilove letmein ' +
    'letmeinnow welcome welcometo welcomeback administrator admin adminadmin root rootroot user username login default ' +
    'changeme changemenow secret trustno trustnoone monkey dragon football baseball basketball superman ' +
    'batman princess sunshine starwars whatever freedom shadow master computer internet qazwsx qazwsxedc qwe qweasd qweasdzxc ' +
    'test testtest testing tester passpass passwordpassword mypassword thisismypassword safesend ' +
    'summer winter spring autumn january february monday friday hello helloworld hellohello samsung google facebook ' +
    'michael jennifer jordan charlie chocolate liverpool chelsea arsenal pokemon minecraft'
  ).split(' '),
);

const rows = ['01234567890123456789', 'abcdefghijklmnopqrstuvwxyz', 'qwertyuiop', 'qwertzuiop', 'asdfghjkl', 'zxcvbnm'];
const lookAlikes: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};

/**
 * Why this password is too easy to guess, in words for its owner, or null. `own` is what everybody can know of the
 * person: address, username, name. Form and server ask the same question.
 */
export function passwordWeakness(password: string, own: readonly string[]): string | null {
  // Refused for its length alone: whoever sends a novel must not keep everybody waiting while it is read.
  if (password.length > limits.password.max) return null;
  const plain = password.normalize('NFKC').toLowerCase();
  if (new Set(plain).size < 5) return 'Use at least five different characters.';
  if (isRun(plain)) return 'Runs of the alphabet or the keyboard are guessed first: use something else.';
  if (isCommon(plain)) return 'This is one of the most common passwords: use something only you would think of.';
  if (isOwn(plain, own)) return 'Leave your name, username and address out of the password.';
  return null;
}

function isCommon(plain: string): boolean {
  const letters = plain.replaceAll(/[^\p{L}]/gu, '');
  const read = [...plain]
    .map((char) => lookAlikes[char] ?? char)
    .join('')
    .replace(/[^\p{L}]+/gu, '');
  // A common word inside a long phrase is fine; a common word with a number behind it is not.
  return [letters, read, plain.replace(/[^\p{L}]+$/u, ''), read.replace(/i+$/, '')].some((root) =>
    commonRoots.has(root),
  );
}

function isRun(plain: string): boolean {
  const isPart = (text: string) => rows.some((row) => row.includes(text) || [...row].reverse().join('').includes(text));
  const half = plain.slice(0, Math.ceil(plain.length / 2));
  return isPart(plain) || (isPart(half) && isPart(plain.slice(half.length)));
}

function isOwn(plain: string, own: readonly string[]): boolean {
  const bare = plain.replace(/[^\p{L}\p{N}]+/gu, '');
  for (const name of own) {
    const whole = name.normalize('NFKC').toLowerCase();
    const parts = [whole, whole.split('@', 1)[0] ?? ''].map((part) => part.replace(/[^\p{L}\p{N}]+/gu, ''));
    // What is left without the name must be a password by itself.
    if (parts.some((part) => part.length >= 3 && bare.includes(part) && bare.replaceAll(part, '').length < 8))
      return true;
  }
  return false;
}
