import { createHash } from 'node:crypto';
import * as accounts from '@safesend/shared/accounts/calls.ts';
import * as departure from '@safesend/shared/accounts/departure-calls.ts';
import * as passkeys from '@safesend/shared/accounts/passkey-calls.ts';
import { canonicalJson } from '@safesend/shared/canonical.ts';
import * as admin from '@safesend/shared/admin/calls.ts';
import * as escrow from '@safesend/shared/escrow/calls.ts';
import * as notifications from '@safesend/shared/notifications/calls.ts';
import * as projects from '@safesend/shared/projects/calls.ts';
import * as milestones from '@safesend/shared/projects/money-calls.ts';
import * as files from '@safesend/shared/files/calls.ts';
import { protocolVersion } from '@safesend/shared/protocol.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import { roomFact, wireLoggedEvent } from '@safesend/shared/rooms/event.ts';
import { toServer } from '@safesend/shared/socket.ts';
import { expect, test } from 'vitest';
import { z } from 'zod';

/** Beside each version of the protocol, the hash of everything its wire says. */
const pinned: Record<number, string> = {
  1: 'e21fafba7e962e2c',
  2: '17faccf0b3650a8d',
  3: '5a34d72aca52cff6',
  4: '64bb0029d7181d16',
  5: '883e1269eec5023e',
  6: '0e46ccde4a3cbe8d',
  7: 'ad798072a923dbc1',
  8: 'de9a8b4b83c9d4fa',
  9: '5827e22789599e03',
  10: '7bab99c6c6acba8c',
  11: 'c585408e4e64acc6',
  12: '022a58594005f255',
  13: '07dc6ac8b76259ca',
  14: 'e210c179539e6254',
};

function wire(): unknown {
  const schemaOf = (schema: z.ZodType) => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const calls = [
    accounts,
    departure,
    passkeys,
    admin,
    escrow,
    files,
    milestones,
    notifications,
    projects,
    rooms,
  ].flatMap((domain) => Object.entries(domain));
  const isCall = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && 'path' in value && 'answers' in value;
  const parts = (value: unknown): unknown => {
    if (value instanceof z.ZodType) return schemaOf(value);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, parts(member)]));
  };
  return {
    fact: schemaOf(roomFact),
    event: schemaOf(wireLoggedEvent),
    socket: parts(toServer),
    calls: Object.fromEntries(calls.filter(([, value]) => isCall(value)).map(([name, value]) => [name, parts(value)])),
  };
}

test('L11 the wire says what the pinned schema says: a change grows the protocol version and pins a new hash', () => {
  const hash = createHash('sha256').update(canonicalJson(wire())).digest('hex').slice(0, 16);
  expect({ version: protocolVersion, hash }).toEqual({ version: protocolVersion, hash: pinned[protocolVersion] });
});
