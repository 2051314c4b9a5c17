import * as act from '../acts.ts';
import * as money from '../money-acts.ts';
import type { Scene } from '../stage.ts';

const survey = 'Survey of the lobby';
const pictograms = 'Pictograms';
const lift = 'Sign for the lift';
const stairs = 'Sign for the stairs';
const plan = 'Floor plan for the wall';

/** Money in every other state: at work, given back, charged back before and after the release, and more that was agreed. */
export const lobbySigns: Scene = {
  name: 'lobby-signs',
  acts: [
    act.starts('david', {
      title: 'Signs for the lobby',
      description: 'People ask the desk forty times a day where the lift is. The lobby should answer that itself.',
      currency: 'GBP',
    }),
    act.plans('david', {
      title: survey,
      amountMinor: 40_000,
      dueIn: 2,
      criteria: 'Where people stop and what they ask, on one page.',
    }),
    act.plans('david', {
      title: pictograms,
      amountMinor: 60_000,
      dueIn: 9,
      criteria: 'Twelve pictograms that are read from eight metres.',
    }),
    act.plans('david', { title: lift, amountMinor: 30_000, dueIn: 11, criteria: 'Artwork, ready for the workshop.' }),
    act.plans('david', { title: stairs, amountMinor: 35_000, dueIn: 11, criteria: 'Artwork, ready for the workshop.' }),
    act.plans('david', {
      title: plan,
      amountMinor: 50_000,
      dueIn: 18,
      criteria: 'One wall, 2.4 m wide, readable from a wheelchair.',
    }),
    act.invites('david', 'mei'),
    act.accepts('mei'),
    money.pays('david', survey),
    money.begins('mei', survey),
    money.handsIn('mei', survey, 'Two mornings at the desk, one page.'),
    money.approves('david', survey),
    money.pays('david', pictograms),
    money.begins('mei', pictograms),
    money.pays('david', lift),
    act.says('david', 'The lift gets its own sign from the makers of the lift, so we do not need ours.', {
      as: 'lift',
    }),
    money.givesBack('mei', lift, 30_000, 'The makers of the lift bring their own sign.'),
    money.pays('david', stairs),
    money.pays('david', plan),
    money.begins('mei', plan),
    act.says('mei', 'The wall is two walls: the plan has to go round the corner. That is a day more.', {
      as: 'corner',
    }),
    money.proposes('mei', plan, 65_000),
    money.agrees('david', plan),
    act.says(
      'david',
      'Our bank blocked the old card and took two payments back by mistake. I have called them, nobody did anything wrong here.',
    ),
    money.charges('david', survey, 'chargeback'),
    money.charges('david', survey, 'chargeback_lost'),
    money.charges('david', stairs, 'chargeback'),
    act.says('mei', 'Thank you for telling me at once. I keep the pictograms going meanwhile.'),
  ],
};
