// Fills a room with realistic conversation through the public API and sockets, measures it, and checks every promise:
//   node scripts/flood.ts --url http://127.0.0.1:3000 --rate 300 --seconds 60 --seed 1
// With --room <id> --tokens <file, or FLOOD_TOKENS> it talks as members of that room, one API token (read, write) a line.
// Without, it opens accounts and a project of its own; --wait <seconds> leaves time to open the room and watch.
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Api } from './flood/api.ts';
import { inWords, spreadOf } from './flood/figures.ts';
import { Listener } from './flood/listener.ts';
import { invitedCrowd, ownCrowd, type Crowd } from './flood/people.ts';
import { Conversation, type Acked } from './flood/talking.ts';
import { verify } from './flood/verify.ts';

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:3000' },
    room: { type: 'string' },
    tokens: { type: 'string' },
    people: { type: 'string', default: '24' },
    rate: { type: 'string', default: '300' },
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    wait: { type: 'string', default: '0' },
  },
});

const api = new Api(new URL(values.url).origin);
const wish = { rate: number('rate'), seconds: number('seconds'), seed: number('seed') };

process.exitCode = await flood().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return 2;
});

async function flood(): Promise<number> {
  const crowd = await gather();
  console.log(`${crowd.talkers.length} people in ${api.url}/rooms/${crowd.roomId}, seed ${wish.seed}`);
  if (crowd.entrance) console.log(`Watch as ${crowd.entrance.email} with the password ${crowd.entrance.password}`);
  await pause(number('wait') * 1_000);
  const listener = await Listener.start(api, crowd.listener, crowd.roomId);
  const conversation = await Conversation.of(api, crowd, listener, wish);
  const start = performance.now();
  const progress = setInterval(() => tell(conversation.acked, listener), 5_000);
  await conversation.run();
  clearInterval(progress);
  report(conversation, listener, (performance.now() - start) / 1_000);
  const wrong = [...conversation.faults.slice(0, 5), ...(await verify(api, crowd, listener, conversation.acked))];
  conversation.stop();
  listener.stop();
  for (const complaint of wrong) console.log(`WRONG: ${complaint}`);
  if (wrong.length === 0)
    console.log('The log is gapless and chained, every acknowledgement is in it once, and the screen saw it in order.');
  return wrong.length === 0 ? 0 : 1;
}

async function gather(): Promise<Crowd> {
  const given = values.tokens === undefined ? process.env['FLOOD_TOKENS'] : readFileSync(values.tokens, 'utf8');
  if (given === undefined) return ownCrowd(api, number('people'));
  if (values.room === undefined) throw new Error('--room says which room the tokens are for.');
  return invitedCrowd(api, values.room, given.split(/[\s,]+/).filter(Boolean));
}

function tell(acked: readonly Acked[], listener: Listener): void {
  const since = performance.now() - 5_000;
  const recent = acked.filter(({ ackedAt }) => ackedAt >= since);
  const { p50, p99 } = spreadOf(recent.map(({ sentAt, ackedAt }) => ackedAt - sentAt));
  const line = `${(recent.length / 5).toFixed(0)} acked/s, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
  console.log(`  ${line}, the screen is at fact ${listener.state.headSeq}`);
}

function report({ acked, counts }: Conversation, listener: Listener, seconds: number): void {
  const onScreen = acked.flatMap(({ seq, sentAt }) => {
    const arrivedAt = listener.arrivals.get(seq);
    return arrivedAt === undefined ? [] : [arrivedAt - sentAt];
  });
  console.log(
    `${acked.length} messages acknowledged in ${seconds.toFixed(1)} s: ${(acked.length / seconds).toFixed(0)} a second`,
  );
  console.log(`send → acknowledged: ${inWords(spreadOf(acked.map(({ sentAt, ackedAt }) => ackedAt - sentAt)))}`);
  console.log(`send → on screen:    ${inWords(spreadOf(onScreen))}`);
  const { edits, deletions, reactions, throttled, busy, resent, heldBack } = counts;
  console.log(`${edits} edits, ${deletions} deletions, ${reactions} reactions`);
  console.log(
    `${throttled} told to slow down, ${busy} found the service busy, ${resent} sent again, ${heldBack} not sent, ${listener.early} arrived early, ${listener.resets} resets`,
  );
}

function number(name: 'people' | 'rate' | 'seconds' | 'seed' | 'wait'): number {
  const value = Number(values[name]);
  if (!Number.isFinite(value) || value < 0) throw new Error(`--${name} is a number.`);
  return value;
}
