import { Migration } from '@mikro-orm/migrations';

/** A profile names its picture; a new picture is a new name, so that browsers may keep what they have. */
export class Migration015_avatars extends Migration {
  override readonly name = '015_avatars';

  override up(): void {
    this.addSql(`alter table avatars rename column storage_key to storage_prefix`);
    this.addSql(`alter table avatars drop column size`);
    this.addSql(`alter table profiles add column avatar_id uuid references avatars (id) deferrable initially deferred`);
  }
}
