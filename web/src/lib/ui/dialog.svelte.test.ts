import { cleanup, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import { awake } from '#lib/ui/awake.svelte.ts';
import DialogProbe from './DialogProbe.test.svelte';

awake.current = true;
afterEach(cleanup);

const expectFocus = (wanted: HTMLElement) => waitFor(() => expect(document.activeElement).toBe(wanted));

describe('Dialog', () => {
  it('UX 60 begins at the first field that can be filled in, not at its close button', async () => {
    render(DialogProbe, { has: 'field', answers: true, isFinal: true });
    await expectFocus(screen.getByLabelText('Name'));
  });

  it('UX 60 without a field it begins at what it is there for', async () => {
    render(DialogProbe, { has: 'tick', answers: true });
    await expectFocus(screen.getByRole('button', { name: 'Go on' }));
  });

  it('UX 60 what cannot be taken back begins at the answer that changes nothing', async () => {
    render(DialogProbe, { has: 'text', answers: true, isFinal: true });
    await expectFocus(screen.getByRole('button', { name: 'Cancel' }));
  });

  it('UX 60 a warning begins at the answer that changes nothing', async () => {
    render(DialogProbe, { has: 'alert' });
    await expectFocus(screen.getByRole('button', { name: 'Cancel' }));
  });

  it('UX 60 only words: the dialog itself is read from its top', async () => {
    render(DialogProbe, { has: 'text' });
    await expectFocus(screen.getByRole('dialog'));
  });
});
