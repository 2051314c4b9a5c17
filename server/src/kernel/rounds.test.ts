import { expect, test } from 'vitest';
import { createLog } from './log.ts';
import { Rounds } from './rounds.ts';

const log = createLog({ level: 'silent', pretty: false });

/** A round that is made once an hour by itself, and ends when it is told to. */
function slowRound() {
  const made: (() => void)[] = [];
  const run = () => new Promise<void>((end) => made.push(end));
  return { made, round: { name: 'slow', everySeconds: 3_600, run } };
}

test('X5 what was written down while a round was under way is looked for once it is done, once for all of it', async () => {
  const { made, round } = slowRound();
  const rounds = new Rounds(log);
  rounds.start([round]);
  expect(made).toHaveLength(1);
  for (let i = 0; i < 3; i++) rounds.wake('slow');
  expect(made, 'never two at once').toHaveLength(1);
  made[0]?.();
  await expect.poll(() => made.length).toBe(2);
  made[1]?.();
  await expect.poll(() => (rounds.wake('slow'), made.length)).toBe(3);
  rounds.wake('slow');
  const stopped = rounds.stop();
  made[2]?.();
  await stopped;
  rounds.wake('slow');
  expect(made, 'none after the end').toHaveLength(3);
});

test('X5 a round that fails is made again when it is woken; nobody is woken where no such round is made', async () => {
  let made = 0;
  const run = () => {
    made++;
    return Promise.reject(new Error('the database is away'));
  };
  const rounds = new Rounds(log);
  rounds.wake('failing');
  rounds.start([{ name: 'failing', everySeconds: 3_600, run }]);
  expect(made).toBe(1);
  await expect.poll(() => (rounds.wake('failing'), made)).toBeGreaterThan(2);
  await rounds.stop();
});
