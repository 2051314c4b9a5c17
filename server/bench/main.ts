// npm run bench: how fast, against something simpler measured in the same run, in turns. docs/PERFORMANCE.md explains.
//   --quick        one short round             --rounds N      rounds (3)
//   --seconds N    length of a phase (4)       --only a,b      some topics: talk, pair, hall, resume, history, start,
//   --markdown     the table as Markdown                       domain, money, primary, page, ledger, files, beside
//   --profile      leaves a CPU profile of the product flat out beside the results
import { writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isReached, markdownTable, ratioOf, textTable, type Figure } from './figure.ts';
import { BrokenRun } from './process.ts';
import { Stage } from './stage.ts';
import { beside } from './topics/beside.ts';
import { domain } from './topics/domain.ts';
import { files } from './topics/files.ts';
import { hall } from './topics/hall.ts';
import { history } from './topics/history.ts';
import { ledger } from './topics/ledger.ts';
import { money } from './topics/money.ts';
import { page } from './topics/page.ts';
import { pair } from './topics/pair.ts';
import { primary } from './topics/primary.ts';
import { resume } from './topics/resume.ts';
import { start } from './topics/start.ts';
import { talk } from './topics/talk.ts';
import type { Effort, Topic } from './topics/topic.ts';

const topics = [start, talk, pair, hall, resume, history, domain, money, primary, page, ledger, files, beside];
/** They move gigabytes. */
const tooLongForQuick: readonly Topic[] = [files, beside];
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    markdown: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    only: { type: 'string' },
  },
});
const results = join(import.meta.dirname, '../../bench-results');
const at = new Date().toISOString();
const effort: Effort = {
  quick: values.quick,
  rounds: Number(values.rounds ?? (values.quick ? 1 : 3)),
  seconds: Number(values.seconds ?? (values.quick ? 2 : 4)),
  profileFile: values.profile ? join(results, 'product.cpuprofile') : null,
  say: (line) => console.error(line),
};

const stage = await Stage.open(results);
try {
  const figures = await measureAll(stage);
  await report(figures);
} catch (error) {
  // What fails while everything is being stopped fails because of it.
  if (!(error instanceof BrokenRun || stage.isInterrupted)) throw error;
  effort.say(stage.isInterrupted ? 'It was interrupted.' : (error as BrokenRun).message);
  process.exitCode = 1;
} finally {
  await stage.clear();
}

async function measureAll(on: Stage): Promise<Figure[]> {
  const usual = values.quick ? topics.filter((topic) => !tooLongForQuick.includes(topic)) : topics;
  const wanted = values.only?.split(',') ?? usual.map(({ name }) => name);
  const figures: Figure[] = [];
  for (const topic of topics.filter(({ name }) => wanted.includes(name))) {
    on.throwIfInterrupted();
    effort.say(`${topic.name}…`);
    const found = await topic.measure(on, effort);
    effort.say(textTable(found));
    figures.push(...found);
  }
  return figures;
}

async function report(figures: readonly Figure[]): Promise<void> {
  const machine = {
    ...{ cpu: cpus()[0]?.model ?? '', cores: cpus().length, node: process.version, platform: process.platform },
    loadAverage: loadavg(),
  };
  console.log(`\n${values.markdown ? markdownTable(figures) : textTable(figures)}\n`);
  console.log(
    `Medians of ${effort.rounds}, phases of ${effort.seconds} s. ${machine.cores} × ${machine.cpu}, Node ${machine.node}, ` +
      `load average ${machine.loadAverage.map((load) => load.toFixed(1)).join(' ')}; server, database and load share the machine.`,
  );
  const file = join(results, `${at.replaceAll(':', '-')}.json`);
  const told = figures.map((figure) => ({ ...figure, ratio: ratioOf(figure), reached: isReached(figure) }));
  await writeFile(file, JSON.stringify({ at, machine, effort, figures: told }, null, 2));
  effort.say(file);
}
