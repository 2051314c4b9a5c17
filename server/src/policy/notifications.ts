import { about, type Rule } from './rule.ts';
import { reads, writes } from './verdicts.ts';

/** What people were told. */
export const notifications: readonly Rule[] = [
  ...about('nothing', ['GET /notifications', reads], ['PUT /notifications/read', writes]),
  ...about('nothing', ['GET /notification-preferences', reads], ['PUT /notification-preferences', writes]),
];
