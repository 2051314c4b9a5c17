import { afterAll, beforeAll, describe } from 'vitest';
import { projectOf, signUp, startTestApp, type Person, type TestApp } from './harness.ts';
import { startS3, type S3 } from './s3.ts';

/** Two people in the room of a project whose files lie in a folder or on S3. */
export interface StoredRoom {
  readonly app: TestApp;
  /** Null where files lie in a folder. */
  readonly s3: S3 | null;
  readonly client: Person;
  readonly freelancer: Person;
  readonly roomId: string;
  readonly projectId: string;
}

/** The same tests on every kind of store. What they are handed is filled before the first of them. */
export function onEveryStore(title: string, tests: (room: StoredRoom) => void): void {
  describe.each(['fs', 's3'])(`${title} on %s`, (driver) => {
    const room = {} as StoredRoom;
    beforeAll(async () => {
      const s3 = driver === 's3' ? await startS3() : null;
      const app = await startTestApp({ environment: s3?.environment ?? {} });
      const [client, freelancer] = await Promise.all([signUp(app, 'client'), signUp(app, 'freelancer')]);
      const { roomId, id: projectId } = await projectOf(client, freelancer);
      Object.assign(room, { app, s3, client, freelancer, roomId, projectId } satisfies StoredRoom);
    });
    afterAll(async () => {
      await room.app.close();
      await room.s3?.close();
    });
    tests(room);
  });
}

export interface StoredApp extends TestApp {
  /** Null where files lie in a folder. */
  readonly s3: S3 | null;
}

/** Starts the product on the store in question; closing it closes the store. */
export type StartOnStore = (environment?: NodeJS.ProcessEnv) => Promise<StoredApp>;

/** The same for a suite that starts the product in its own way. */
export function startedOnEveryStore(suite: (start: StartOnStore) => void): void {
  describe.each(['fs', 's3'])('H07 on %s', (driver) => {
    suite(async (environment = {}) => {
      const s3: S3 | null = driver === 's3' ? await startS3() : null;
      const app = await startTestApp({ environment: { ...environment, ...s3?.environment } });
      const ended = () => app.close();
      return {
        ...app,
        s3,
        close: async () => {
          await ended();
          await s3?.close();
        },
      };
    });
  });
}
