// The log without its sockets: how many messages the room engine brings into one Postgres, and what each costs there.
import { newId } from '@safesend/shared/ids.ts';
import { recordAnswers } from '../../src/kernel/answers.ts';
import type { Commit } from '../../src/kernel/append.ts';
import { migrate, openDatabase } from '../../src/kernel/database.ts';
import { KnownHeads } from '../../src/kernel/heads.ts';
import { findOrMakeKey } from '../../src/kernel/keys.ts';
import { openMetrics } from '../../src/kernel/metrics.ts';
import { together } from '../../src/kernel/together.ts';
import { transactor } from '../../src/kernel/transact.ts';
import { openVault } from '../../src/kernel/vault.ts';
import { Message } from '../../src/modules/rooms/entity.ts';
import { postSingle, sharedPosting, type Post } from '../../src/modules/rooms/service/posting.ts';
import { gatherCompany, type Place } from '../company.ts';
import { cpuOfFamily } from '../cpu.ts';
import { median, type Figure } from '../figure.ts';
import { BrokenRun } from '../process.ts';
import type { Stage } from '../stage.ts';
import { inTurns, type Topic } from './topic.ts';

const rooms = 50;
const batch = 100;

interface Cost {
  readonly perSecond: number;
  /** Seconds per 1,000 messages. */
  readonly postgresCpu: number;
  readonly ownCpu: number;
}

export const primary: Topic = {
  name: 'primary',
  async measure(stage, { rounds, seconds }) {
    const databaseUrl = await stage.createDatabase('primary');
    await migrate(databaseUrl);
    const places = await gatherCompany(databaseUrl, stage.folder, { rooms, members: 2, senders: 2 });
    const orm = await openDatabase(databaseUrl, [Message]);
    try {
      const post = await openEngine(orm, stage.folder);
      let acked = await talk(post, places, batch, 1);
      const cost = async (atOnce: number) => {
        const { posted, ...measured } = await costOf(stage, () => talk(post, places, atOnce, seconds));
        acked += posted;
        return measured;
      };
      const results = await inTurns(rounds, { together: () => cost(batch), alone: () => cost(1) });
      const [kept] = await stage.sql<{ count: number }>(
        databaseUrl,
        `select count(*)::float8 as count from facts where type = 'message.posted'`,
      );
      if (kept?.count !== acked) throw new BrokenRun(`primary: ${acked} were acknowledged, ${kept?.count} are kept`);
      return figuresOf(results);
    } finally {
      await orm.close();
    }
  },
};

/** What posts messages in the product, with nobody to tell. */
async function openEngine(orm: Awaited<ReturnType<typeof openDatabase>>, dataDir: string): Promise<Post> {
  const heads = new KnownHeads();
  const shared = {
    ...{ orm, heads, reactions: [], enqueue: async () => undefined },
    answers: recordAnswers(openVault(await findOrMakeKey(dataDir))),
    metrics: openMetrics({ sockets: () => 0, seats: () => 0, jobs: async () => [] }),
    publish: (commits: readonly Commit[]) => commits.forEach((commit) => heads.learn(commit)),
  };
  const transact = transactor({ ...shared, credentialsEnded: () => undefined });
  return together(
    shared,
    sharedPosting(transact, () => undefined),
  );
}

/** So many messages under way at once, each in another room or by another person. Answers how many were acknowledged. */
async function talk(post: Post, places: readonly Place[], atOnce: number, seconds: number): Promise<number> {
  const end = performance.now() + seconds * 1_000;
  let acked = 0;
  const keepPosting = async (at: number) => {
    for (let n = at; performance.now() < end; n += atOnce) {
      const { userId, roomId } = places[n % places.length] as Place;
      const body = 'I moved the second milestone by a week, the printer needs the files on Monday.';
      await post(postSingle(userId, newId(), roomId, { body }, new Date()));
      acked++;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, (_, at) => keepPosting(at)));
  return acked;
}

async function costOf(stage: Stage, work: () => Promise<number>): Promise<Cost & { posted: number }> {
  const pid = await stage.postgresPid();
  const ownSeconds = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  };
  const [before, ownBefore, begun] = [(await cpuOfFamily(pid)) ?? 0, ownSeconds(), performance.now()];
  const posted = await work();
  const seconds = (performance.now() - begun) / 1_000;
  const per1000 = (used: number) => (used / posted) * 1_000;
  const ownCpu = per1000(ownSeconds() - ownBefore);
  const postgresCpu = per1000(((await cpuOfFamily(pid)) ?? 0) - before);
  return { posted, perSecond: posted / seconds, postgresCpu, ownCpu };
}

function figuresOf(results: Record<'together' | 'alone', Cost[]>): Figure[] {
  const compare = (pick: (cost: Cost) => number) => ({
    product: median(results.together.map(pick)),
    yardstick: { name: 'the same one at a time', value: median(results.alone.map(pick)) },
    goal: null,
  });
  const cpu = { unit: 'CPU seconds' } as const;
  return [
    {
      ...{ id: 'primary', what: `messages into one Postgres, ${batch} under way, no sockets`, unit: 'per second' },
      ...compare(({ perSecond }) => perSecond),
    },
    {
      ...{ id: 'primary.postgres', what: '– CPU of Postgres per 1,000', ...cpu },
      ...compare(({ postgresCpu }) => postgresCpu),
    },
    { id: 'primary.engine', what: '– CPU of the room engine per 1,000', ...cpu, ...compare(({ ownCpu }) => ownCpu) },
  ];
}
