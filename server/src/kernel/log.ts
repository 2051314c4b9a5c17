import { pino, type DestinationStream, type Logger } from 'pino';
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

interface LogOptions {
  readonly level: string;
  readonly pretty: boolean;
  /** Where lines go; standard output when absent. */
  readonly destination?: DestinationStream;
}

export function createLog({ level, pretty, destination }: LogOptions): Logger {
  const options = { level, base: null, redact: { paths: redactPaths, censor: '[redacted]' } };
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
