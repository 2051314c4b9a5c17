import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { FileCitation } from '@safesend/shared/rooms/message.ts';
import type { AnswerError } from '@safesend/shared/socket.ts';

/** A message that is not known to be in the log yet. */
export interface Pending {
  readonly commandId: string;
  readonly userId: string;
  readonly roomId: string;
  readonly body: string;
  readonly replyTo: string | null;
  /** Missing from what an older page kept. */
  readonly files?: readonly FileCitation[];
  readonly createdAt: string;
  /** Has it ever left this device? Then nobody but the server knows whether it was carried out. */
  readonly attempted: boolean;
  /** How often the server has failed at it; missing from what an older page kept. */
  readonly errors?: number;
  /** The server's final no; sending rests until the person decides. */
  readonly refusal: AnswerError | null;
}

export interface PendingStore {
  /** In the order in which they were written. */
  all(userId: string): Promise<Pending[]>;
  put(pending: Pending): Promise<void>;
  /** Changes one that is still there; a message another tab has finished with stays gone. */
  change(commandId: string, change: Partial<Pending>): Promise<void>;
  remove(commandId: string): Promise<void>;
}

interface Schema extends DBSchema {
  pending: { key: string; value: Pending; indexes: { user: string } };
}

/** The store of this browser, shared by its tabs and outliving them. */
export async function openPendingStore(name = 'safesend-outbox'): Promise<PendingStore> {
  const database = await openDB<Schema>(name, 1, {
    upgrade(upgrading) {
      upgrading.createObjectStore('pending', { keyPath: 'commandId' }).createIndex('user', 'userId');
    },
  });
  return storeOn(database);
}

function storeOn(database: IDBPDatabase<Schema>): PendingStore {
  return {
    async all(userId) {
      // Command ids are UUIDs of version 7: their order is the order of writing.
      return database.getAllFromIndex('pending', 'user', userId);
    },
    async put(pending) {
      await database.put('pending', pending);
    },
    async change(commandId, change) {
      const transaction = database.transaction('pending', 'readwrite');
      const found = await transaction.store.get(commandId);
      if (found) await transaction.store.put({ ...found, ...change });
      await transaction.done;
    },
    async remove(commandId) {
      await database.delete('pending', commandId);
    },
  };
}
