import { accounts } from './policy/accounts.ts';
import { admin } from './policy/admin.ts';
import { escrow } from './policy/escrow.ts';
import { files } from './policy/files.ts';
import { insights } from './policy/insights.ts';
import { notifications } from './policy/notifications.ts';
import { operations } from './policy/operations.ts';
import { projects } from './policy/projects.ts';
import { rooms } from './policy/rooms.ts';
import type { Rule } from './policy/rule.ts';

export * from './policy/rule.ts';

/** The one answer to "who may do what": every HTTP call and every socket event of the product, and nothing else. */
export const policy: readonly Rule[] = [
  ...operations,
  ...accounts,
  ...rooms,
  ...files,
  ...escrow,
  ...projects,
  ...notifications,
  ...insights,
  ...admin,
];
