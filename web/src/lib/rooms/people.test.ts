import type { RoomEvent } from '@safesend/shared/rooms/event.ts';
import { describe, expect, it } from 'vitest';
import { People } from './people.ts';

const fact = (seq: number, type: string, displayName: string) =>
  ({ seq, type, data: { userId: 'u1', username: 'nina', displayName, role: 'client' } }) as unknown as RoomEvent;

describe('People', () => {
  it('A18 whoever left is called what he was called last, in whatever order the past is read', () => {
    const people = new People();
    people.learnFrom([fact(9, 'member.changed', 'Closed account')]);
    people.learnFrom([fact(3, 'member.joined', 'Nina'), fact(5, 'member.changed', 'Nina Falk')]);
    expect(people.nameOf('u1')).toBe('Closed account');
  });

  it('the past never overrules who is here', () => {
    const people = new People();
    people.learn([{ userId: 'u1', displayName: 'Nina Falk' }]);
    people.learnFrom([fact(9, 'member.changed', 'Nina')]);
    expect(people.nameOf('u1')).toBe('Nina Falk');
  });
});
