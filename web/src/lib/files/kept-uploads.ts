import { openDB, type DBSchema } from 'idb';

/** An upload that is not known to have become a file yet. The bytes stay where they are: on the person's disk. */
export interface KeptUpload {
  readonly id: string;
  /** The same for every try, so that however often it is sent it becomes one file. */
  readonly commandId: string;
  readonly userId: string;
  readonly roomId: string;
  readonly roomTitle: string;
  readonly name: string;
  readonly size: number;
  readonly lastModified: number;
  /** The file it becomes a new version of. */
  readonly fileId: string | null;
  readonly sha256: string | null;
  /** Where the server takes the rest; null until it has been opened. */
  readonly url: string | null;
  readonly sent: number;
}

export interface KeptUploads {
  all(userId: string): Promise<KeptUpload[]>;
  put(upload: KeptUpload): Promise<void>;
  remove(id: string): Promise<void>;
}

interface Schema extends DBSchema {
  uploads: { key: string; value: KeptUpload; indexes: { user: string } };
}

async function openKeptUploads(): Promise<KeptUploads> {
  const database = await openDB<Schema>('safesend-uploads', 1, {
    upgrade(upgrading) {
      upgrading.createObjectStore('uploads', { keyPath: 'id' }).createIndex('user', 'userId');
    },
  });
  return {
    all: (userId) => database.getAllFromIndex('uploads', 'user', userId),
    put: async (upload) => void (await database.put('uploads', upload)),
    remove: (id) => database.delete('uploads', id),
  };
}

/** In a browser that keeps nothing, uploads live as long as their page. */
const volatile: KeptUploads = { all: async () => [], put: async () => undefined, remove: async () => undefined };

export function keptUploads(): Promise<KeptUploads> {
  return openKeptUploads().catch(() => volatile);
}
