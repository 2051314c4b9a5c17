import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context } from 'hono';
import type { Identity } from './identity.ts';

/** What travels with one request through the pipeline. */
export interface HttpEnv {
  Bindings: { incoming: IncomingMessage; outgoing: ServerResponse };
  Variables: { requestId: string; identity: Identity | null; address: string };
}
export type HttpContext = Context<HttpEnv>;
