import { expect, test } from 'vitest';
import { partWord } from './part-word.ts';

const project = { clientId: 'ana', freelancerId: 'bo' };
const person = (userId: string, role: 'client' | 'freelancer') => ({ userId, role });

test('UX 31 of several clients the list of people says which of them pays; of one alone nothing', () => {
  const [ana, cy, bo] = [person('ana', 'client'), person('cy', 'client'), person('bo', 'freelancer')];
  const said = (members: readonly (typeof ana)[]) => members.map((it) => partWord(it, members, project));
  expect(said([ana, bo])).toEqual(['', '']);
  expect(said([ana, cy, bo])).toEqual(['pays', '', '']);
  expect(said([ana, bo, person('di', 'freelancer')])).toEqual(['', 'is paid', '']);
  expect(partWord(ana, [ana, cy], null)).toBe('');
});
