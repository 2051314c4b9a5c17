import { flushSync } from 'svelte';
import { expect, test } from 'vitest';
import { Latest, Questions } from './latest.svelte.ts';

/** A product that answers when it is told to, in any order. */
function product() {
  const answers: ((stand: string) => void)[] = [];
  const ask = () =>
    new Promise<{ stand: string }>((resolve, reject) =>
      answers.push((stand) => (stand === 'down' ? reject(new Error(stand)) : resolve({ stand }))),
    );
  const answer = async (question: number, stand: string) => {
    answers[question]?.(stand);
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { ask, answer, asked: () => answers.length };
}

test('UX 42 an older answer overwrites no newer one, whatever order they come in', async () => {
  const { ask, answer } = product();
  const questions = new Questions();
  const heard: string[] = [];
  for (let at = 0; at < 4; at++) void questions.ask(ask()).then((told) => told && heard.push(told.stand), String);
  await answer(1, 'second');
  await answer(0, 'first');
  expect(heard).toEqual(['second']);
  await answer(3, 'down');
  await answer(2, 'third');
  expect(heard, 'what was never answered has overtaken nothing').toEqual(['second', 'third']);
});

test('UX 42 what is done overtakes what was asked before it', async () => {
  const { ask, answer } = product();
  const questions = new Questions();
  const heard: (string | undefined)[] = [];
  void questions.ask(ask()).then((told) => heard.push(told?.stand));
  questions.overtake();
  void questions.ask(ask()).then((told) => heard.push(told?.stand));
  await answer(0, 'before');
  await answer(1, 'after');
  expect(heard).toEqual([undefined, 'after']);
});

/** A page that was loaded with something, and shows what it hears of it since. */
function page() {
  const at = product();
  let data = $state.raw({ thing: { stand: 'loaded' } });
  let latest!: Latest<{ stand: string }>;
  const leave = $effect.root(() => {
    latest = new Latest(() => data.thing, at.ask);
  });
  flushSync();
  return { ...at, latest, leave, load: (thing = data.thing) => (data = { thing }) };
}

test('UX 42 what a page has heard since it was loaded stays when other data are loaded anew, or nobody answers', async () => {
  const { latest, answer, load } = page();
  expect(latest.current.stand).toBe('loaded');
  void latest.refresh();
  await answer(0, 'heard');
  load();
  expect(latest.current.stand).toBe('heard');
  void latest.refresh();
  await answer(1, 'down');
  expect(latest.current.stand).toBe('heard');
});

test('UX 42 what is loaded while an answer is awaited is asked for once more', async () => {
  const { latest, answer, load, asked } = page();
  void latest.refresh();
  load({ stand: 'loaded anew' });
  await answer(0, 'of before');
  expect(latest.current.stand).toBe('loaded anew');
  await answer(1, 'of now');
  expect([latest.current.stand, asked()]).toEqual(['of now', 2]);
});

test('UX 42 a page that is left asks for nothing more', async () => {
  const { latest, answer, load, asked, leave } = page();
  void latest.refresh();
  leave();
  load({ stand: 'of another page' });
  await answer(0, 'late');
  expect(asked()).toBe(1);
});
