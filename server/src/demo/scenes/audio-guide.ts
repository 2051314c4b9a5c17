import * as act from '../acts.ts';
import { bookletOutline, mapSketch, outline, timings } from '../papers.ts';
import * as money from '../money-acts.ts';
import type { Scene } from '../stage.ts';

/** A second project that runs, with other people and another currency. */
export const audioGuide: Scene = {
  name: 'audio-guide',
  acts: [
    act.starts('david', {
      title: 'Audio guide for "Tides"',
      description:
        'Fourteen stations of two to three minutes for the autumn exhibition, in English and German. Written to be heard, not read.',
      currency: 'GBP',
    }),
    act.plans('david', {
      title: 'Research and outline of all stations',
      amountMinor: 65_000,
      dueIn: -1,
      criteria: 'One page per station: what the visitor stands in front of, the one thing to remember, sources.',
    }),
    act.plans('david', {
      title: 'English texts, stations 1 to 14',
      amountMinor: 168_000,
      dueIn: 12,
      criteria: 'At most 320 words each, read aloud and timed. One round of changes included.',
    }),
    act.plans('david', {
      title: 'German texts',
      amountMinor: 140_000,
      dueIn: 26,
      criteria: 'Not translated word by word: the same stories for ears that grew up elsewhere.',
    }),
    act.invites('david', 'jonas'),
    act.accepts('jonas'),
    money.pays('david', 'Research and outline of all stations'),
    money.begins('jonas', 'Research and outline of all stations'),
    money.handsIn(
      'jonas',
      'Research and outline of all stations',
      'The outline of all stations, with sources.',
      bookletOutline,
    ),
    money.asksForChanges('david', 'Research and outline of all stations', 'Station 9 needs the crane, not the clock.'),
    money.pays('david', 'English texts, stations 1 to 14', 'challenge'),
    act.says(
      'david',
      'Jonas, the floor plan has one change: station 6 (the dredger model) and station 7 (the letters) swap places, because of the light.',
      {
        as: 'floor',
      },
    ),
    act.says(
      'jonas',
      'Good to know, then 7 can end on the dredger instead of starting with it. That is actually the better order.',
      { to: 'floor', as: 'order' },
    ),
    act.reacts('david', '👌', 'order'),
    act.says(
      'jonas',
      'A first try for station 1, so that we agree on the tone:\n\n> Before you look at anything: listen. That low note is the old fog signal. It was tuned to be heard nine miles out, and people in the town set their clocks by it, although it never had anything to do with the time.',
      { as: 'tone' },
    ),
    act.says(
      'david',
      'This is exactly the tone. My colleague from learning asks whether "nine miles" should be kilometres in the German one.',
      { to: 'tone', as: 'miles' },
    ),
    act.says(
      'jonas',
      'Sea miles in both, I think. "Neun Seemeilen" sounds right, and nobody converts while standing in a dark room.',
      { to: 'miles', as: 'seemeilen' },
    ),
    act.reacts('david', '😄', 'seemeilen'),
    act.says(
      'david',
      'We need somebody to draw a small map for the booklet as well. I am asking Mei Tanaka into this room.',
      { as: 'map' },
    ),
    act.invites('david', 'mei'),
    act.accepts('mei'),
    act.says(
      'mei',
      'Hello both. For the map: is it meant for finding the way, or for remembering the visit afterwards? It decides how much I leave out.',
      {
        as: 'purpose',
      },
    ),
    act.says(
      'david',
      'Finding the way. People should be able to read it in the half dark, so large numbers and little else.',
      { to: 'purpose' },
    ),
    act.reads('jonas'),
    act.says('mei', 'Then one colour, thick lines, numbers at 14 mm. I will send a sketch tomorrow.', { as: 'sketch' }),
    act.says(
      'david',
      '@jonas could you send me the outline for stations 9 to 11 today? The conservator is here until five and would look at the dates with me.',
      {
        as: 'outline',
      },
    ),
    act.sends('mei', mapSketch, 'The sketch. The way first, everything else only where somebody could get lost.'),
    act.sends('jonas', outline, 'The outline for 9 to 11. The dates of the coat are the ones I am not sure about.'),
    act.sends('jonas', timings, 'And the first five stations, read aloud and timed.'),
    act.says('david', 'Thank you both. The map works in the half dark, I have just tried it.'),
  ],
};
