import type { Reaction } from '../../kernel/transact.ts';
import type { FindClaim } from './access.ts';
import { citeFiles, removeWithMessage } from './service/files.ts';
import { revokeLinksOf } from './service/sharing.ts';

export const fileReactions = (findClaim: FindClaim): readonly Reaction[] => [
  {
    on: ['message.posted'],
    react: async (tx, { ref, fact }) => {
      if (fact.type === 'message.posted' && fact.data.files.length > 0)
        await citeFiles(tx, ref.roomId, fact.data.id, fact.data.files);
    },
  },
  {
    on: ['message.deleted'],
    react: async (tx, { fact }) => {
      if (fact.type === 'message.deleted') await removeWithMessage(tx, fact.data.id, findClaim);
    },
  },
  {
    on: ['member.removed', 'member.left'],
    react: async (tx, { ref, fact }) => {
      if (fact.type === 'member.removed' || fact.type === 'member.left')
        await revokeLinksOf(tx, ref.roomId, fact.data.userId);
    },
  },
];
