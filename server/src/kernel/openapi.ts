import { createRoute } from '@hono/zod-openapi';
import type { CallShape } from '@safesend/shared/call.ts';
import { commandId } from '@safesend/shared/ids.ts';
import { z } from 'zod';

/** A call that takes no body takes at most the id of its command there. */
export function bodyOf({ method, body, command }: CallShape): z.ZodType | undefined {
  if (body instanceof z.ZodObject && command && !('commandId' in body.shape)) {
    return body.safeExtend({ commandId: commandId.optional() });
  }
  if (body || method === 'get') return body;
  return z.strictObject(command ? { commandId: commandId.optional() } : {}).optional();
}

/** The route that enforces a call, and its part of the published document. */
export function routeOf(call: CallShape) {
  const { method, path, summary, params, query, answers } = call;
  const body = bodyOf(call);
  const responses = Object.fromEntries(
    Object.entries(answers).map(([status, schema]) => [
      status,
      schema ? { description: 'Done', content: { 'application/json': { schema } } } : { description: 'Done' },
    ]),
  );
  return createRoute({
    method,
    path,
    summary,
    tags: [path.split('/')[1] ?? ''],
    security:
      call.access === 'public'
        ? []
        : [{ session: [] }, ...(call.access === 'session' ? [] : [{ token: [call.access] }])],
    request: {
      ...(params && { params }),
      ...(query && { query }),
      ...(body && {
        body: { required: !body.safeParse(undefined).success, content: { 'application/json': { schema: body } } },
      }),
    },
    responses: {
      ...responses,
      default: { description: 'Problem', content: { 'application/problem+json': { schema: problemSchema } } },
    },
  } as never);
}

/** A call whose body is read as it arrives, by a protocol of its own. GET answers HEAD as well. */
export interface StreamedCall extends Pick<CallShape, 'path' | 'summary' | 'access'> {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete' | 'options';
}

/** The part of the published document for a call that has a protocol of its own. */
export function streamedRouteOf({ method, path, summary, access }: StreamedCall) {
  return createRoute({
    method,
    path,
    summary,
    tags: [path.split('/')[1] ?? ''],
    security: access === 'public' ? [] : [{ session: [] }, { token: [access] }],
    responses: {
      default: { description: 'Problem', content: { 'application/problem+json': { schema: problemSchema } } },
    },
  });
}

const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  winner: z.object({ roomId: z.string(), seq: z.int(), type: z.string(), id: z.string() }).optional(),
  requestId: z.string(),
});
