import type { Reaction } from '../../kernel/transact.ts';
import { closeDirect, settleBlock } from './service/direct.ts';
import { changeMemberName } from './service/members.ts';

export const roomReactions: readonly Reaction[] = [
  {
    on: ['account.changed'],
    react: async (tx, { fact }) => {
      if (fact.type === 'account.changed') await changeMemberName(tx, fact.data);
    },
  },
  {
    on: ['account.person.blocked', 'account.person.unblocked'],
    react: async (tx, { fact }) => {
      if (fact.type === 'account.person.blocked') await settleBlock(tx, fact.data.userId, true);
      if (fact.type === 'account.person.unblocked') await settleBlock(tx, fact.data.userId, false);
    },
  },
  { on: ['account.closed'], react: (tx) => closeDirect(tx) },
];
