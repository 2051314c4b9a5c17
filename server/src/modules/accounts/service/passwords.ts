import { availableParallelism } from 'node:os';
import { hash, verify } from '@node-rs/argon2';
import { Failure } from '@safesend/shared/failure.ts';

// argon2id, the first of OWASP's recommended settings.
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

// Hashing runs in libuv's pool of four threads; one stays free for files and names.
const atOnce = Math.min(3, Math.max(2, availableParallelism()));
// Some seconds of work. A flood from many addresses must not make everybody else wait for all of it.
const maxWaiting = 256;
let running = 0;
const waiting: (() => void)[] = [];

/** Fails as `unavailable` when too many passwords wait already. */
export async function hashPassword(password: string): Promise<string> {
  return inTurn(() => hash(readable(password), cost));
}

let noPassword: Promise<string> | undefined;

/** Does the same work whether there is something to compare with or not, so that time tells nobody who has an account. */
export async function isPassword(passwordHash: string | null | undefined, password: string): Promise<boolean> {
  const against = passwordHash ?? (await (noPassword ??= hash(crypto.randomUUID(), cost)));
  const matches = await inTurn(() => verify(against, readable(password)));
  return matches && passwordHash !== null && passwordHash !== undefined;
}

/** The same letters typed on another keyboard are the same password. */
function readable(password: string): string {
  return password.normalize('NFKC');
}

async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  if (waiting.length >= maxWaiting)
    throw new Failure('unavailable', 'Too many people sign in just now. Try again in a moment.', {
      retryAfterSeconds: 5,
    });
  if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
  else running++;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}
