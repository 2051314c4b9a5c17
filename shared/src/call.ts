import type { z } from 'zod';

/**
 * Who may make a call: anyone (`public`), a signed-in person's browser only (`session`), or also an API token with the
 * scope that is named.
 */
export type CallAccess = 'public' | 'session' | 'read' | 'write' | 'money';

export interface CallShape {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Below `/api/v1`, parameters in braces: `/rooms/{roomId}`. */
  readonly path: `/${string}`;
  readonly summary: string;
  readonly access: CallAccess;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Success statuses and their bodies; `null` is an empty answer. */
  readonly answers: Readonly<Partial<Record<200 | 201 | 204, z.ZodType | null>>>;
  /** `required`: refused without a command id. `optional`: replayed when one is given. */
  readonly command?: 'required' | 'optional';
}

/** Declares one HTTP call, once, for the server that enforces it, the browser that makes it and the published document. */
export function call<const Shape extends CallShape>(shape: Shape): Shape {
  return shape;
}

type Output<Type> = Type extends z.ZodType ? z.output<Type> : null;
/** What a call answers when it succeeds. */
export type AnswerOf<Shape extends CallShape> = {
  [Status in keyof Shape['answers']]: Output<Shape['answers'][Status]>;
}[keyof Shape['answers']];
export type InputOf<Type> = Type extends z.ZodType ? z.input<Type> : never;
