import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { startTestApp, type TestApp } from '../harness.ts';
import { raw, type Raw, type RawHeaders } from './raw-http.ts';
import { furnish, openWorld, type Things, type World } from './world.ts';

export interface Siege {
  readonly app: TestApp;
  readonly world: World;
  readonly own: Things;
}

/** An app with one furnished project for a whole file, which answers and is unspoilt after every test. Gives the way to it. */
export function besiege(opened: (siege: Siege) => void) {
  let app: TestApp;
  const ask = (method: string, path: string, body?: string | Buffer, headers?: RawHeaders): Promise<Raw> =>
    raw(app.port, method, path, headers, body);
  beforeAll(async () => {
    app = await startTestApp();
    const world = await openWorld(app);
    opened({ app, world, own: await furnish(world) });
  });
  afterEach(async () => {
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect((await ask('GET', '/readyz')).status).toBe(200);
  });
  afterAll(() => app.close());
  return ask;
}
