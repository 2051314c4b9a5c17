import type { FailureCode } from '@safesend/shared/failure.ts';
import type { Rule, Verdict } from '../../src/policy.ts';
import type { Person } from '../harness.ts';
import { accountAsks } from './asks/accounts.ts';
import type { Ask, Asks } from './asks/ask.ts';
import { roomAsks } from './asks/rooms.ts';
import { workAsks } from './asks/work.ts';
import type { Things, World } from './world.ts';

/** A good request for every door of the policy that takes more than its address. */
const asks: Asks = { ...accountAsks, ...workAsks, ...roomAsks };
const nothing = (): Ask => ({});

/** Whoever signs in here anew is signed out where he was. */
export const isEntrance = (door: string) => /auth\/(login|register|link|passkey-sign-in)/.test(door);

/** A good request for this door about these things, as this person would send it. */
export async function askFor(
  { door, when }: Pick<Rule, 'door' | 'when'>,
  at: Things,
  world: World,
  who: Person | null,
): Promise<Ask> {
  const asking = asks[`${door} ${when ?? ''}`.trim()] ?? asks[door] ?? nothing;
  return asking(at, world, who);
}

export interface Heard {
  readonly status: number;
  readonly verdict: Verdict;
  readonly text: string;
}

export async function knock(
  base: string,
  door: string,
  { params = {}, query, body, raw, headers: beside }: Ask,
  headers: Record<string, string>,
): Promise<Heard> {
  const [method = '', template = ''] = door.split(' ');
  const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const response = await fetch(`${base}${path}${query ? `?${new URLSearchParams(query)}` : ''}`, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...beside, ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(raw && { body: raw }),
    redirect: 'manual',
  });
  const text = await response.text();
  return {
    status: response.status,
    text,
    verdict: response.status < 300 ? 'ok' : (JSON.parse(text) as { code: FailureCode }).code,
  };
}

/** The same with its address written out. */
export async function addressFor(
  rule: Rule,
  at: Things,
  world: World,
  who: Person | null,
): Promise<{ method: string; path: string; ask: Ask }> {
  const ask = await askFor(rule, at, world, who);
  const [method = '', template = ''] = rule.door.split(' ');
  const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(ask.params?.[name] ?? ''));
  return { method, ask, path };
}
