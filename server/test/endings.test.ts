import { expect, test } from 'vitest';
import { signUp, startTestApp } from './harness.ts';

test('T-A20 nobody listens on while nobody can say who may, and comes back with the same session', async () => {
  const app = await startTestApp();
  const person = await signUp(app);
  const socket = await person.socket();
  const told = new Promise((resolve) => socket.once('session.ended', resolve));
  const cut = new Promise((resolve) => socket.once('disconnect', resolve));
  await app.sql('revoke select on live_credentials from safesend_app');
  expect(await told).toEqual({ reason: 'unavailable' });
  await cut;
  await app.sql('grant select on live_credentials to safesend_app');
  const again = await person.socket();
  expect(await again.emitWithAck('presence.set', { status: 'online' })).toMatchObject({ ok: true });
  person.close();
  await app.close();
}, 40_000);
