import { about, type Rule } from './rule.ts';
import { reads } from './verdicts.ts';

/** Figures. */
export const insights: readonly Rule[] = [...about('nothing', ['GET /dashboard', reads])];
