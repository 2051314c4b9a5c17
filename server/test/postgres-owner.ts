// A process that owns the embedded Postgres of a data folder until it is killed. Says "ready <url>" on standard output.
import { startPostgres } from '../src/kernel/postgres.ts';

const [dataDir = ''] = process.argv.slice(2);
const { url } = await startPostgres({ dataDir, onProgress: () => undefined });
process.stdout.write(`ready ${url}\n`);
process.stdin.resume();
