import * as act from '../acts.ts';
import * as money from '../money-acts.ts';
import type { Scene } from '../stage.ts';

/** One project that ended well. */
export const labels: Scene = {
  name: 'labels',
  acts: [
    act.starts('clara', {
      title: 'Spring labels: three single origins',
      description:
        'Labels for the spring coffees: Huehuetenango, Nyeri and Yirgacheffe. 80 × 120 mm, two colours, natural paper.',
      currency: 'EUR',
    }),
    act.plans('clara', {
      title: 'Sketches for all three labels',
      amountMinor: 45_000,
      dueIn: 1,
      criteria: 'Two directions each, pencil is fine.',
    }),
    act.plans('clara', {
      title: 'Final artwork, ready to print',
      amountMinor: 90_000,
      dueIn: 3,
      criteria: 'PDF/X-4 with 3 mm bleed, spot colours named as the printer names them.',
    }),
    act.plans('clara', {
      title: 'Gift box',
      amountMinor: 30_000,
      dueIn: 5,
      criteria: 'A sleeve for three bags of 250 g.',
    }),
    act.invites('clara', 'mei'),
    act.accepts('mei'),
    money.pays('clara', 'Sketches for all three labels'),
    money.begins('mei', 'Sketches for all three labels'),
    money.handsIn('mei', 'Sketches for all three labels', 'Two directions for each label, in pencil.'),
    money.approves('clara', 'Sketches for all three labels'),
    money.pays('clara', 'Final artwork, ready to print'),
    money.begins('mei', 'Final artwork, ready to print'),
    act.says(
      'mei',
      'Two directions for each label are on your desk. My favourite is the one with the mountain lines: the altitude becomes the drawing.',
      {
        as: 'directions',
      },
    ),
    act.says('clara', 'The mountain lines, without any doubt. My father said "finally one can see where it grows".', {
      to: 'directions',
      as: 'father',
    }),
    act.reacts('mei', '❤️', 'father'),
    act.says(
      'mei',
      'Then I draw all three that way. The printer confirmed the two spot colours on the natural paper, the green gets a little darker.',
      { as: 'colours' },
    ),
    act.reacts('clara', '👍', 'colours'),
    act.says(
      'clara',
      'We will do the gift box in autumn instead, the season is too short now. I took it out of the plan.',
      { as: 'box' },
    ),
    act.drops('clara', 'Gift box'),
    act.says('mei', 'Fine with me. Artwork went to the printer this morning, proofs on Wednesday.', { to: 'box' }),
    act.says('clara', 'Proofs are here and they are beautiful. Thank you, Mei. See you in the shop project!', {
      as: 'proofs',
    }),
    act.reacts('mei', '🥳', 'proofs'),
    money.handsIn(
      'mei',
      'Final artwork, ready to print',
      'All three labels, with bleed and the printer’s names of the colours.',
    ),
    money.approves('clara', 'Final artwork, ready to print'),
    act.completes('clara'),
    act.reads('mei'),
  ],
};

/** And one that was called off, with the reason in the room. */
export const ticketing: Scene = {
  name: 'ticketing',
  acts: [
    act.starts('david', {
      title: 'Timed tickets for the summer evenings',
      description: 'A booking page for six evening openings with 120 places each.',
      currency: 'GBP',
    }),
    act.plans('david', {
      title: 'Booking page with a place counter',
      amountMinor: 120_000,
      dueIn: 18,
      criteria: 'Never sells place 121, also when forty people press the button at once.',
    }),
    act.invites('david', 'tomas'),
    act.accepts('tomas'),
    act.says('tomas', 'Thanks for having me. Do you want names on the tickets, or is a number enough at the door?', {
      as: 'names',
    }),
    act.says('david', 'A number is enough, the fewer names we keep the better.', { to: 'names' }),
    act.says(
      'david',
      'Bad news, I am afraid: the council moved the road works into the summer and the evenings are off for this year. I will cancel here. You have lost nothing but an afternoon, and I owe you a coffee.',
      {
        as: 'off',
      },
    ),
    act.says('tomas', 'A pity, but much better now than in June. Call me when the evenings come back.', {
      to: 'off',
      as: 'pity',
    }),
    act.reacts('david', '🙏', 'pity'),
    act.cancels('david'),
    act.reads('tomas'),
  ],
};
