import { createRequire } from 'node:module';
import type { Server } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Emulator {
  configureBuckets(): Promise<unknown>;
  callback(): Parameters<Server['on']>[1];
  logger: { close(): void; exceptions: { unhandle(): void } };
}

/** A store that speaks S3, on a free port, with one bucket. */
export interface S3 {
  readonly environment: NodeJS.ProcessEnv;
  /** Refuses everything until it is back. */
  away(isAway: boolean): void;
  close(): Promise<void>;
}

export async function startS3(): Promise<S3> {
  const { createServer } = await import('node:http');
  const Emulator = createRequire(import.meta.url)('@20minutes/s3rver') as new (options: object) => Emulator;
  const directory = await mkdtemp(join(tmpdir(), 'safesend-s3-'));
  const emulator = new Emulator({ directory, silent: true, configureBuckets: [{ name: 'files' }] });
  await emulator.configureBuckets();
  const answer = emulator.callback() as (request: unknown, response: unknown) => void;
  let isAway = false;
  const server = createServer((request, response) => {
    if (isAway) request.socket.destroy();
    else answer(request, response);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  return {
    environment: {
      STORAGE_DRIVER: 's3',
      S3_ENDPOINT: `http://127.0.0.1:${port}`,
      S3_REGION: 'us-east-1',
      S3_BUCKET: 'files',
      S3_ACCESS_KEY_ID: 'S3RVER',
      S3_SECRET_ACCESS_KEY: 'S3RVER',
      S3_FORCE_PATH_STYLE: 'true',
    },
    away: (now) => void (isAway = now),
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      emulator.logger.exceptions.unhandle();
      emulator.logger.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
