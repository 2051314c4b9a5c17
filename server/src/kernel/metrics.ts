import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { JobCount } from './jobs.ts';
import { countStatements } from './plans.ts';

/** What an operator watches of the room engine. Times are in seconds. */
export interface Metrics {
  readonly registry: Registry;
  /** A batch of messages was committed: how many, and how long from its first question to the commit. */
  committed(messages: number, seconds: number): void;
  /** A batch was taken up whose oldest message had waited this long. */
  queued(seconds: number): void;
  /** Facts of a room were told to the sockets here, this long after they were handed over. */
  published(seconds: number): void;
  resumed(): void;
  readerCut(): void;
}

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const sizes = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/** What is asked at every scrape. */
interface Counted {
  sockets(): number;
  seats(): number;
  jobs(): Promise<readonly JobCount[]>;
}

export function openMetrics(counted: Counted): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  gauge('safesend_sockets', 'Live sockets of this process.', () => counted.sockets());
  gauge('safesend_seats', 'Rooms that people of this process have joined, each person and room once.', () =>
    counted.seats(),
  );
  new Gauge({
    name: 'safesend_jobs',
    help: 'Jobs of the installation that are waiting to be done, and that were given up in the last 30 days.',
    labelNames: ['kind', 'state'],
    registers,
    async collect() {
      this.reset();
      // Without a database there is no figure; all the others are still told.
      for (const { kind, state, count } of await counted.jobs().catch(() => [])) this.set({ kind, state }, count);
    },
  });
  new Counter({
    name: 'safesend_statements_total',
    help: 'Statements this process has sent to the database, those of its job queue left out.',
    registers,
    collect() {
      this.reset();
      this.inc(countStatements());
    },
  });
  const batch = histogram('safesend_commit_batch_size', 'Messages that shared one commit.', sizes);
  const commit = histogram('safesend_commit_seconds', 'Time a shared commit of messages took.', seconds);
  const queue = histogram('safesend_queue_seconds', 'Wait of the oldest message when its batch was taken up.', seconds);
  const lag = histogram('safesend_publish_seconds', 'Time from a commit to telling the sockets here.', seconds);
  const pages = counter('safesend_resume_pages_total', 'Pages of missed facts that were read for sockets.');
  const cut = counter('safesend_readers_cut_total', 'Sockets that were cut because they had stopped reading.');

  function gauge(name: string, help: string, count: () => number) {
    return new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(count());
      },
    });
  }
  function histogram(name: string, help: string, buckets: number[]) {
    return new Histogram({ name, help, buckets, registers });
  }
  function counter(name: string, help: string) {
    return new Counter({ name, help, registers });
  }

  return {
    registry,
    committed(messages, took) {
      batch.observe(messages);
      commit.observe(took);
    },
    queued: (waited) => queue.observe(waited),
    published: (waited) => lag.observe(waited),
    resumed: () => pages.inc(),
    readerCut: () => cut.inc(),
  };
}
