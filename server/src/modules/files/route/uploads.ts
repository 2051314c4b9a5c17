import { Failure } from '@safesend/shared/failure.ts';
import type { HttpContext, StreamDoor } from '../../../kernel/http.ts';
import type { Identity } from '../../../kernel/identity.ts';
import { tusProblem } from '../../../kernel/problem.ts';
import type { Receiving } from '../service/receiving.ts';

const create = { path: '/uploads', access: 'write', summary: 'Begin, or find again, an upload (tus 1.0)' } as const;
const one = { path: '/uploads/{uploadId}', access: 'write' } as const;

export function uploadDoors(stream: StreamDoor, receiving: Receiving): void {
  const handle = async (c: HttpContext, identity: Identity | null) => {
    c.header('Tus-Resumable', '1.0.0');
    const { response, failure } = await receiving.handle({
      userId: identity?.userId ?? '',
      request: asHead(c.req.raw),
    });
    if (failure) throw failure;
    return response.status < 400 ? response : await problem(c, response);
  };
  stream({ ...create, method: 'post' }, handle);
  stream({ ...create, method: 'options', access: 'public', summary: 'What this server speaks of tus' }, handle);
  stream({ ...one, method: 'get', summary: 'How much of an upload has arrived (tus 1.0)' }, handle);
  stream({ ...one, method: 'patch', summary: 'Send more of an upload (tus 1.0)' }, handle);
  stream({ ...one, method: 'delete', summary: 'Cancel an upload (tus 1.0)' }, handle);
}

/** The protocol asks by HEAD, which arrives here as GET does. */
function asHead(request: Request): Request {
  return request.method === 'GET' ? new Request(request.url, { method: 'HEAD', headers: request.headers }) : request;
}

/** What the protocol itself refuses, in the form of all our refusals. */
async function problem(c: HttpContext, response: Response): Promise<Response> {
  if (response.status === 501) throw new Failure('malformed', (await response.text()).trim());
  if (response.status >= 500) throw new Failure('unavailable', 'The upload was interrupted. Try again.');
  return tusProblem(response.status, (await response.text()).trim(), response.headers, c.var.requestId);
}
