// Yardstick: a file in a form, as Hono's documentation takes it, written to a folder. No sign-in, no hash, no fsync, no going on.
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { randomUUID } from 'node:crypto';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

const folder = process.env['FOLDER'] ?? '.';
const app = new Hono().post('/', async (c) => {
  const { file } = await c.req.parseBody();
  if (!(file instanceof File)) return c.text('no file', 422);
  const path = join(folder, randomUUID());
  await pipeline(Readable.fromWeb(file.stream() as never), createWriteStream(path));
  await rm(path);
  return c.json({ size: file.size });
});
serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => {
  console.log(`Listening at http://127.0.0.1:${port}`);
});
