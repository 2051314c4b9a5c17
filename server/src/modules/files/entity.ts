import { defineEntity, p } from '@mikro-orm/core';
import { Failure } from '@safesend/shared/failure.ts';
import { maxVersions } from '@safesend/shared/files/limits.ts';

const StoredFileSchema = defineEntity({
  name: 'StoredFile',
  tableName: 'files',
  properties: {
    id: p.uuid().primary(),
    roomId: p.uuid(),
    name: p.text(),
    droppedBy: p.uuid(),
    droppedAt: p.datetime(3),
    currentVersion: p.integer(),
    removedAt: p.datetime(3).nullable(),
    removedBy: p.uuid().nullable(),
    joinedInto: p.uuid().nullable(),
  },
});

export class StoredFile extends StoredFileSchema.class {
  /** Makes room for one more version; answers its number. */
  addVersion(): number {
    this.requirePresent();
    if (this.currentVersion >= maxVersions) {
      throw new Failure('conflict', `A file has at most ${maxVersions} versions. Drop it as a new file.`);
    }
    return ++this.currentVersion;
  }

  remove(userId: string, now: Date, joinedInto: string | null): void {
    this.requirePresent();
    this.removedAt = now;
    this.removedBy = userId;
    this.joinedInto = joinedInto;
  }

  requirePresent(): void {
    if (this.removedAt) throw new Failure('conflict', 'This file was removed.');
  }
}
StoredFileSchema.setClass(StoredFile);

export const fileEntities = [StoredFile];
