import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { timingSafeEqual } from 'node:crypto';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { Hono } from 'hono';
import { isFromHere } from './origin.ts';
import type { HttpEnv } from './http.ts';
import type { Metrics } from './metrics.ts';
import { openReadiness, type ReadinessDeps } from './readiness.ts';

export interface OperationsDeps extends ReadinessDeps {
  readonly metrics: Metrics;
  readonly metricsToken: string | undefined;
  readonly api: OpenAPIHono<HttpEnv>;
}

/** What operators and machines ask: alive, ready, how much, and how to talk to it. */
export function operations(deps: OperationsDeps): Hono<HttpEnv> {
  const { registry } = deps.metrics;
  const findReadiness = openReadiness(deps);
  const document = deps.api.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'SafeSend', version: '1', description: 'One ordered, verifiable log per room, over HTTP.' },
    servers: [{ url: '/api/v1' }],
  });
  return new Hono<HttpEnv>()
    .get('/healthz', (c) => c.json({ status: 'alive' }))
    .get('/readyz', async (c) => {
      const readiness = await findReadiness();
      return c.json(readiness, readiness.status === 'not ready' ? 503 : 200);
    })
    .get('/metrics', async (c) => {
      if (!mayMeasure(deps.metricsToken, c.env.incoming)) return c.notFound();
      return c.text(await registry.metrics(), 200, { 'Content-Type': registry.contentType });
    })
    .get('/api/v1/openapi.json', (c) => c.json(document))
    .get('/api/docs', (c) => c.html(docsPage, 200, { 'Content-Security-Policy': docsPolicy }))
    .get('/api/docs/:asset{(swagger-ui-bundle\\.js|swagger-ui\\.css|start\\.js)}', async (c) => {
      const asset = c.req.param('asset');
      const text = asset === 'start.js' ? docsScript : await readFile(join(swaggerFolder, asset), 'utf8');
      return c.body(text, 200, {
        'Content-Type': asset.endsWith('.css') ? 'text/css' : 'text/javascript',
        'Cache-Control': 'public, max-age=3600',
      });
    });
}

/** Without a token this machine alone may. */
function mayMeasure(token: string | undefined, incoming: IncomingMessage): boolean {
  if (token === undefined) return isFromHere(incoming);
  const given = Buffer.from(incoming.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

const swaggerFolder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const docsPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'";
const docsPage = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>SafeSend API</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/api/docs/swagger-ui.css" />
  </head>
  <body>
    <main id="docs"></main>
    <script src="/api/docs/swagger-ui-bundle.js"></script>
    <script src="/api/docs/start.js"></script>
  </body>
</html>`;
const docsScript = `window.SwaggerUIBundle({ url: '/api/v1/openapi.json', dom_id: '#docs', deepLinking: true, validatorUrl: null });`;
