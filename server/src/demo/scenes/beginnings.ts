import * as act from '../acts.ts';
import type { Scene } from '../stage.ts';

/** A plan that waits for its people: one invitation to somebody here, one to an address without an account. */
export const menuBoards: Scene = {
  name: 'menu-boards',
  acts: [
    act.starts('clara', {
      title: 'Menu and wall texts for the new café',
      description:
        'The roastery gets six seats and a counter. We need a menu in Swedish, English and German and a few lines on the wall about how we roast.',
      currency: 'SEK',
    }),
    act.plans('clara', {
      title: 'Menu in three languages',
      amountMinor: 850_000,
      dueIn: 15,
      criteria: 'One page per language, allergens marked, nothing a guest has to ask about.',
    }),
    act.plans('clara', {
      title: 'Wall text about roasting',
      amountMinor: 420_000,
      dueIn: 22,
      criteria: 'At most 90 words per language, readable from two metres.',
    }),
    act.says(
      'clara',
      'Notes for whoever joins: we open at seven, the menu has nine drinks and four things to eat, and the wall is 3.4 m wide.',
    ),
    act.invites('clara', 'jonas'),
    act.invites('clara', { email: 'sign-painter@malmo-skyltar.example' }),
  ],
};

/** Two people who work together also talk beside the project. */
export const clarasAndTomassTalk: Scene = {
  name: 'clara-and-tomas',
  acts: [
    act.talksTo('clara', 'tomas'),
    act.says(
      'clara',
      'Quick question away from the project: would you also look after the shop once it is open? A few hours a month.',
      { as: 'care' },
    ),
    act.says(
      'tomas',
      'Gladly. I do that for two other shops: updates, backups, and somebody who picks up the phone in December.',
      { to: 'care', as: 'gladly' },
    ),
    act.reacts('clara', '😊', 'gladly'),
    act.says(
      'clara',
      'December is exactly what I am afraid of. Let us make it a project of its own after the opening.',
    ),
    act.clearsNotifications('tomas'),
    act.says('tomas', 'Deal. I will write down what is included so that you can compare.'),
    act.says('tomas', 'And please bring a bag of the Nyeri on Thursday, the office has run dry.'),
  ],
};
