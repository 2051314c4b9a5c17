import { Failure } from '@safesend/shared/failure.ts';
import type { App } from './app.ts';
import { people, personNames, type PersonName } from './demo/people.ts';
import { arrivals } from './demo/scenes/arrivals.ts';
import { audioGuide } from './demo/scenes/audio-guide.ts';
import { clarasAndTomassTalk, menuBoards } from './demo/scenes/beginnings.ts';
import { labels, ticketing } from './demo/scenes/finished.ts';
import { lobbySigns } from './demo/scenes/lobby-signs.ts';
import { payouts } from './demo/scenes/payouts.ts';
import { webshop } from './demo/scenes/webshop.ts';
import { commandIdOf, play, type Scene, type Theatre } from './demo/stage.ts';
import type { Env } from './kernel/env.ts';
import { query, queryOne, type Em } from './kernel/sql.ts';
import { makeSignInLink } from './modules/accounts/service/signin.ts';

const scenes: readonly Scene[] = [
  arrivals,
  payouts,
  labels,
  ticketing,
  webshop,
  audioGuide,
  lobbySigns,
  menuBoards,
  clarasAndTomassTalk,
];

export interface SignInLink {
  readonly displayName: string;
  readonly role: string;
  readonly url: string;
}

/**
 * A workspace to look around in, made by the product's own verbs when there is no account yet. Answers the lines that
 * let its people in; none where other people live.
 */
export async function seedDemo(app: App, env: Env): Promise<string[]> {
  if (env.isProduction) return [];
  return describeLinks(
    await makeDemo({ transact: app.transact, orm: app.orm, files: app.files, origin: app.origin.url }),
  );
}

export function describeLinks(links: readonly SignInLink[]): string[] {
  if (links.length === 0) return [];
  const width = Math.max(...links.map(({ displayName }) => displayName.length));
  return [
    'Look around as one of these people. Each link signs in once:',
    ...links.map(({ displayName, role, url }) => `  ${displayName.padEnd(width)}  ${role.padEnd(10)}  ${url}`),
  ];
}

/** Makes the workspace, or finishes it when making it was interrupted, and a fresh link for each of its people. */
export async function makeDemo(theatre: Theatre): Promise<SignInLink[]> {
  const em = theatre.orm.em.fork() as Em;
  const before = await findDemoPeople(em);
  if (before.length === 0 && (await hasAccounts(em))) return [];
  if (!(await isFinished(em))) await playAll(theatre, before.length > 0);
  const links: SignInLink[] = [];
  for (const name of await findDemoPeople(em)) {
    const { id, displayName, role } = people[name];
    const { result: url } = await theatre.transact({ id }, (tx) => makeSignInLink(tx, theatre.origin, id));
    links.push({ displayName, role, url });
  }
  return links;
}

async function playAll(theatre: Theatre, wasBegun: boolean): Promise<void> {
  try {
    for (const scene of scenes) await play(theatre, scene);
    await theatre.transact.command(
      { id: people.clara.id },
      finale,
      async () => null,
      () => ({ status: 201, answer: null }),
    );
  } catch (error) {
    // Since an interrupted start somebody may have used what was there: then the story cannot go on, and need not.
    if (!wasBegun || !(error instanceof Failure)) throw error;
  }
}

const finale = { id: commandIdOf('all', 'finished'), verb: 'demo', input: null };

async function isFinished(em: Em): Promise<boolean> {
  const sql = 'select 1 as one from commands where actor_id = $1 and command_id = $2';
  return (await queryOne(em, sql, [people.clara.id, finale.id])) !== null;
}

async function hasAccounts(em: Em): Promise<boolean> {
  return (await queryOne(em, 'select 1 as one from users limit 1')) !== null;
}

async function findDemoPeople(em: Em): Promise<PersonName[]> {
  const ids = personNames.map((name) => people[name].id);
  const found = await query<{ id: string }>(em, 'select id from users where id = any($1)', [ids]);
  const here = new Set(found.map(({ id }) => id));
  return personNames.filter((name) => here.has(people[name].id));
}
