import { pino, type DestinationStream, type Logger, type LoggerOptions } from 'pino';
import type { Env } from './env.ts';

export type { Logger } from 'pino';

const secretKeys = [
  'password',
  'newPassword',
  'currentPassword',
  'passwordHash',
  'token',
  'secret',
  'cookie',
  'set-cookie',
  'authorization',
  'idempotency-key',
  'sessionId',
  'body',
  'email',
];

// Pino's wildcards reach one level each, so every depth a log line may have is spelt out.
const redactPaths = secretKeys.flatMap((key) => {
  const step = /^\w+$/.test(key) ? `.${key}` : `["${key}"]`;
  return [step.replace(/^\./, ''), `*${step}`, `*.*${step}`, `*.*.*${step}`];
});

interface ErrorLine {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly at: readonly string[];
  readonly cause?: ErrorLine;
}

/**
 * Only what says which fault it was and where. Errors of drivers carry whole connections, statements and the values that
 * broke a rule, which are people's words and addresses.
 */
export function describeError(error: unknown): ErrorLine {
  if (!(error instanceof Error)) return { type: typeof error, message: 'not an error', at: [] };
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  const cause = error.cause === undefined ? {} : { cause: describeError(error.cause) };
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  // A quoted piece of a database's message is usually the value it was given.
  const [message = ''] = error.message.split('\n', 1);
  const isFromDatabase = /^[0-9A-Z]{5}$/.test(code.code ?? '');
  return {
    type: error.constructor.name,
    message: isFromDatabase ? message.replaceAll(/: ".*"|'[^']*'/g, ' [value]') : message,
    ...code,
    at: frames.slice(0, 12).map((line) => line.trim()),
    ...cause,
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

interface LogOptions {
  readonly level: string;
  readonly pretty: boolean;
  /** Where lines go; standard output when absent. */
  readonly destination?: DestinationStream;
}

export function createLog({ level, pretty, destination }: LogOptions): Logger {
  const options: LoggerOptions = {
    level,
    base: null,
    redact: { paths: redactPaths, censor: '[redacted]' },
    serializers: { err: describeError },
    hooks: {
      // Without words of its own a line would take those of the error, as they are.
      logMethod(line, method) {
        const [first]: unknown[] = line;
        const error = isObject(first) && !(first instanceof Error) ? first['err'] : first;
        if (line.length === 1 && error instanceof Error)
          method.call(this, { err: error }, describeError(error).message);
        else method.apply(this, line);
      },
    },
  };
  if (destination) return pino(options, destination);
  if (!pretty) return pino(options);
  return pino({
    ...options,
    transport: { target: 'pino-pretty', options: { ignore: 'pid,hostname', translateTime: 'HH:MM:ss' } },
  });
}

export function logFor(env: Pick<Env, 'LOG_LEVEL' | 'NODE_ENV'>): Logger {
  const level = env.LOG_LEVEL ?? (env.NODE_ENV === 'test' ? 'silent' : 'info');
  return createLog({ level, pretty: env.NODE_ENV === 'development' && process.stdout.isTTY });
}
