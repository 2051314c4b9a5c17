import type { Reaction } from '../../kernel/transact.ts';
import type { FindContested } from './access.ts';
import { citeFiles, removeWithMessage } from './service/files.ts';

export const fileReactions = (findContested: FindContested): readonly Reaction[] => [
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
      if (fact.type === 'message.deleted') await removeWithMessage(tx, fact.data.id, findContested);
    },
  },
];
