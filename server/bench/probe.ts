// Loaded into each server before its own code: tells the bench what the process has used so far.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export interface Usage {
  readonly cpuSeconds: number;
  readonly rssBytes: number;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

process.on('message', (question) => {
  if (question !== 'usage' && question !== 'usage after tidying up') return;
  if (question === 'usage after tidying up') collectGarbage();
  const { user, system } = process.cpuUsage();
  const usage: Usage = { cpuSeconds: (user + system) / 1e6, rssBytes: process.memoryUsage.rss() };
  process.send?.(usage);
});
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
