import { milestoneChangeWords } from './milestone-words.ts';
import { moneyWords } from './money-words.ts';

/** What work and money are told with: only a room with milestones needs it, and then it is fetched with what draws them. */
export const workWords = { milestoneChangeWords, moneyWords };
export type WorkWords = typeof workWords;
