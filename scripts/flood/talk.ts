// What people write to each other at work, from a seed: the same seed makes the same conversation.

const short = [
  'Yes.',
  'Done.',
  'Thanks!',
  'On it 👍',
  'Looks good to me.',
  'Let me check.',
  'Which one?',
  'Not yet, tomorrow morning.',
  'Agreed.',
  'Perfect, thank you.',
  'Can you send the link again?',
  'I would leave it as it is.',
];
const subjects = [
  'the second draft',
  'the invoice for March',
  'the header on small screens',
  'the translation',
  'the delivery date',
  'the contract with the printer',
  'the colour of the buttons',
  'the list of participants',
  'the export for the accountant',
  'the opening hours on the page',
];
const verbs = [
  'is ready for you to look at',
  'still needs a decision from your side',
  'changed since yesterday, please read it again',
  'is now in the shared folder',
  'does not match what we agreed in the plan',
  'took longer than I thought, but it is done',
  'works on my machine and on the staging server',
  'has one open question, see below',
];
const ends = [
  '',
  ' I will be back at two.',
  ' Could you confirm by Thursday?',
  ' Nothing urgent.',
  ' If I hear nothing I go ahead.',
  ' Otherwise we move it to the next milestone.',
  ' Sorry for the delay!',
];
const code = [
  '```\nnet    1,240.00\nVAT 25%  310.00\ntotal  1,550.00\n```',
  '```js\nconst total = lines.reduce((sum, line) => sum + line.amountMinor, 0);\n```',
  '`PATCH /orders/1042` answers 409 when the order was shipped in the meantime.',
];
export const emojis = ['👍', '❤️', '🎉', '👀', '😄', '🙏', '✅'] as const;

type Chance = () => number;

export function pick<Item>(chance: Chance, items: readonly Item[]): Item {
  const item = items[Math.floor(chance() * items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}

/** Mostly short lines, some sentences, now and then a long text with a list or code, sometimes a name. */
export function write(chance: Chance, usernames: readonly string[]): string {
  const kind = chance();
  const text =
    kind < 0.35 ? pick(chance, short) : kind < 0.85 ? sentence(chance) : kind < 0.95 ? letter(chance) : quote(chance);
  return chance() < 0.04 ? `@${pick(chance, usernames)} ${text}` : text;
}

function sentence(chance: Chance): string {
  const [first = '', ...rest] = `${pick(chance, subjects)} ${pick(chance, verbs)}.`;
  return `${first.toUpperCase()}${rest.join('')}${pick(chance, ends)}`;
}

function letter(chance: Chance): string {
  const points = Array.from({ length: 2 + Math.floor(chance() * 5) }, (_, at) => `${at + 1}. ${sentence(chance)}`);
  const paragraphs = Array.from(
    { length: 1 + Math.floor(chance() * 3) },
    () => `${sentence(chance)} ${sentence(chance)}`,
  );
  return [...paragraphs, points.join('\n')].join('\n\n');
}

function quote(chance: Chance): string {
  return `${sentence(chance)}\n\n${pick(chance, code)}`;
}
