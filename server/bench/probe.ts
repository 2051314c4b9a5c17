// Loaded into each server before its own code: tells the bench what the process has used so far, and where its time goes.
import { Session } from 'node:inspector/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export interface Usage {
  readonly cpuSeconds: number;
  readonly rssBytes: number;
  /** Of JavaScript and of buffers: steadier than RSS, which keeps what it once had. */
  readonly heapBytes: number;
}
/** A CPU profile as browsers' developer tools open it. */
export interface Profile {
  readonly profile: object;
}
export type Question = 'usage' | 'usage after tidying up' | 'begin profile' | 'end profile';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
let session: Session | undefined;

process.on('message', (question: Question) => {
  void answer(question);
});
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));

async function answer(question: Question): Promise<void> {
  switch (question) {
    case 'usage after tidying up':
      collectGarbage();
      return void process.send?.(usage());
    case 'usage':
      return void process.send?.(usage());
    case 'begin profile':
      session = new Session();
      session.connect();
      await session.post('Profiler.enable');
      await session.post('Profiler.start');
      return;
    case 'end profile': {
      const profiled = await session?.post('Profiler.stop');
      session?.disconnect();
      return void process.send?.({ profile: profiled?.profile ?? {} } satisfies Profile);
    }
  }
}

function usage(): Usage {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { cpuSeconds: (user + system) / 1e6, rssBytes: rss, heapBytes: heapUsed + external };
}
