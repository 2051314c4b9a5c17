import { describe, expect, it } from 'vitest';
import { endingOf, nextOf, safeNext, signInPath } from './next.ts';

describe('T-B31 the way on after signing in', () => {
  it.each(['/rooms/1?at=7#m', '/dashboard', '/a//b'])('A08 keeps a path of this site: %s', (path) => {
    expect(safeNext(path)).toBe(path);
  });

  it.each([
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    'javascript:alert(1)',
    '',
    null,
  ])('T-B31 refuses what leads elsewhere: %s', (path) => {
    expect(safeNext(path)).toBe('/dashboard');
  });

  it('A13 returns to the very page that asked for a session', () => {
    const asked = new URL('http://here/projects?status=active');
    const signIn = new URL(signInPath(asked), asked);
    expect(nextOf(signIn)).toBe('/projects?status=active');
  });

  it('UX 38 says on the way to sign in why one has to, in words of ours only', () => {
    const asked = new URL('http://here/rooms/1');
    const signIn = new URL(signInPath(asked, 'expired'), asked);
    expect([nextOf(signIn), endingOf(signIn)]).toEqual(['/rooms/1', 'expired']);
    expect(endingOf(new URL('http://here/signin?ended=toString'))).toBeNull();
  });

  it('E16 carries an invitation through sign-in', () => {
    expect(nextOf(new URL('http://here/signin?invitation=a%2Fb'))).toBe('/invitations/a%2Fb');
  });
});
