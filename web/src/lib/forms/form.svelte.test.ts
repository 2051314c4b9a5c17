import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import { ApiProblem } from '#lib/api/problem.ts';
import { awake } from '#lib/ui/awake.svelte.ts';
import FormProbe from './FormProbe.test.svelte';

awake.current = true;
afterEach(cleanup);

const taken = new ApiProblem({
  status: 409,
  code: 'conflict',
  detail: 'Taken.',
  errors: [{ path: 'name', message: 'This name is taken.' }],
});

function draw(submit: (body: { name: string; note: string }, commandId: string) => Promise<void>) {
  render(FormProbe, { submit });
  return {
    name: screen.getByLabelText('Name'),
    note: screen.getByLabelText('Note'),
    save: () => fireEvent.submit(screen.getByRole('form', { name: 'Probe' })),
  };
}

describe('Form', () => {
  it('S09 judges a field when it is left, not before, and forgives as it is mended', async () => {
    const { name } = draw(async () => undefined);
    await fireEvent.input(name, { target: { value: 'a' } });
    expect(name.getAttribute('aria-invalid')).toBeNull();
    await fireEvent.blur(name);
    expect(screen.getByText('Use at least 3 characters.')).toBeTruthy();
    await fireEvent.input(name, { target: { value: 'abc' } });
    expect(name.getAttribute('aria-invalid')).toBeNull();
  });

  it('UX 46 an empty field left alone is no error; sent, it is, and has the focus', async () => {
    const { name, save } = draw(async () => undefined);
    await fireEvent.blur(name);
    expect(name.getAttribute('aria-invalid')).toBeNull();
    await save();
    await waitFor(() => expect(document.activeElement).toBe(name));
    expect(name.getAttribute('aria-invalid')).toBe('true');
    expect(screen.getByText('Fill this in.')).toBeTruthy();
  });

  it('A05 a refusal stands beside its field until the field changes, and loses nothing', async () => {
    const { name, note, save } = draw(() => Promise.reject(taken));
    await fireEvent.input(name, { target: { value: 'lamp' } });
    await fireEvent.input(note, { target: { value: 'kept' } });
    await save();
    await screen.findByText('This name is taken.');
    expect(screen.queryByRole('alert')).toBeNull();
    expect((note as HTMLInputElement).value).toBe('kept');
    await fireEvent.input(name, { target: { value: 'lamps' } });
    expect(screen.queryByText('This name is taken.')).toBeNull();
  });

  it('A05 where something else is asked, what was wrong before is said no more; what was typed stays', async () => {
    const { name, save } = draw(() => Promise.reject(taken));
    await fireEvent.input(name, { target: { value: 'lamp' } });
    await save();
    await screen.findByText('This name is taken.');
    await fireEvent.click(screen.getByText('Ask anew'));
    expect(screen.queryByText('This name is taken.')).toBeNull();
    expect((name as HTMLInputElement).value).toBe('lamp');
    await fireEvent.input(name, { target: { value: '' } });
    expect(name.getAttribute('aria-invalid'), 'nothing was sent since').toBeNull();
  });

  it('A15 what was saved counts as changed no longer, until it is changed again', async () => {
    const { name, save } = draw(async () => undefined);
    await fireEvent.input(name, { target: { value: 'lamp' } });
    expect(screen.getByText('Not saved')).toBeTruthy();
    await save();
    await waitFor(() => expect(screen.queryByText('Not saved')).toBeNull());
    await fireEvent.input(name, { target: { value: 'lamps' } });
    expect(screen.getByText('Not saved')).toBeTruthy();
  });

  it('S08 a failure with no field to blame is said above the form, with its request id', async () => {
    const failure = new ApiProblem({ status: 500, code: 'unexpected', detail: '', requestId: 'r-7' });
    const { name, save } = draw(() => Promise.reject(failure));
    await fireEvent.input(name, { target: { value: 'lamp' } });
    await save();
    expect((await screen.findByRole('alert')).textContent).toContain('r-7');
  });

  it('L5 the same thing sent again is the same command; another thing is another', async () => {
    const ids: string[] = [];
    const { name, save } = draw((_, commandId) => {
      ids.push(commandId);
      return Promise.reject(new ApiProblem({ status: 0, code: 'offline', detail: '' }));
    });
    await fireEvent.input(name, { target: { value: 'lamp' } });
    await save();
    await save();
    await fireEvent.input(name, { target: { value: 'lamps' } });
    await save();
    expect(ids).toHaveLength(3);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  it('L5 what is done and sent once more is another command: it is meant once more', async () => {
    const ids: string[] = [];
    const { name, save } = draw((_, commandId) => Promise.resolve(void ids.push(commandId)));
    await fireEvent.input(name, { target: { value: 'lamp' } });
    await save();
    await save();
    expect(new Set(ids).size).toBe(2);
  });
});
