import type { Reaction } from '../../kernel/transact.ts';
import { changeMemberName } from './service/members.ts';

export const roomReactions: readonly Reaction[] = [
  {
    on: ['account.changed'],
    react: async (tx, { fact }) => {
      if (fact.type === 'account.changed') await changeMemberName(tx, fact.data);
    },
  },
];
