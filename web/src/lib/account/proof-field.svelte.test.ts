import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ApiProblem } from '#lib/api/problem.ts';
import { isAsking, Proof } from './proof.svelte.ts';
import ProofField from './ProofField.svelte';

const refusals = {
  wrong: {
    status: 422,
    code: 'invalid',
    detail: 'Some fields are not right.',
    errors: [{ path: 'password', code: 'invalid', message: 'This is not your password.' }],
  },
  often: { status: 429, code: 'throttled', detail: 'Too many attempts. Try again later.' },
  down: { status: 503, code: 'unavailable', detail: 'Try again.' },
};
type Refusal = keyof typeof refusals;

let answers: (Refusal | null)[] = [];
const asks = new ApiProblem({ status: 403, code: 'reauthentication_required', detail: '' });

beforeEach(() => {
  vi.stubGlobal('fetch', async () => {
    const refusal = answers.shift();
    if (!refusal) return new Response(null, { status: 204 });
    const headers = { 'content-type': 'application/problem+json' };
    return new Response(JSON.stringify(refusals[refusal]), { status: refusals[refusal].status, headers });
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

/** The step was refused until somebody says who he is; what he types then is answered like this. */
async function asked(...said: (Refusal | null)[]) {
  answers = said;
  const proof = new Proof();
  const step = vi.fn(async () => 'done');
  const first = proof.take(() => Promise.reject(asks)).catch((problem: unknown) => problem);
  expect(isAsking(await first)).toBe(true);
  render(ProofField, { proof, hint: 'Large amounts ask once more.' });
  const field = screen.getByLabelText<HTMLInputElement>('Your password');
  const elsewhere = document.body.appendChild(document.createElement('button'));
  const take = async () => {
    elsewhere.focus();
    return proof.take(step).catch((problem: unknown) => problem);
  };
  return { proof, step, field, take };
}

test('UX 46 A20 a wrong password is told at its field, which is in sight and has the focus, each time; what was typed stays', async () => {
  const sight = vi.spyOn(Element.prototype, 'scrollIntoView');
  const { step, field, take } = await asked('wrong', 'wrong', null);
  expect(document.activeElement, 'it came with an answer').toBe(field);
  sight.mockClear();
  await fireEvent.input(field, { target: { value: 'not it' } });
  for (const times of [1, 2]) {
    expect(isAsking(await take()), 'it is asked again, nothing else is told of it').toBe(true);
    await waitFor(() => expect(document.activeElement).toBe(field));
    expect(field.getAttribute('aria-invalid')).toBe('true');
    const words = document.getElementById(field.getAttribute('aria-describedby')?.split(' ')[0] ?? '');
    expect(words?.textContent).toContain('This is not your password.');
    expect(field.value).toBe('not it');
    expect(sight).toHaveBeenCalledTimes(times);
  }
  await fireEvent.input(field, { target: { value: 'this is it' } });
  expect(field.getAttribute('aria-invalid'), 'it was changed').toBeNull();
  expect(step).not.toHaveBeenCalled();
  expect(await take()).toBe('done');
});

test('UX 46 A20 too many wrong passwords are told there as well; what is no answer about a password is told by whoever asked', async () => {
  const { field, take } = await asked('often', 'down');
  await fireEvent.input(field, { target: { value: 'not it' } });
  expect(isAsking(await take())).toBe(true);
  await waitFor(() => expect(field.getAttribute('aria-invalid')).toBe('true'));
  expect(isAsking(await take())).toBe(false);
  await waitFor(() => expect(field.getAttribute('aria-invalid')).toBeNull());
});
