import { Migration } from '@mikro-orm/migrations';

/** Two indexes that no question used: each was written with every row all the same. */
export class Migration029_idle_indexes extends Migration {
  override readonly name = '029_idle_indexes';

  override up(): void {
    this.addSql(`drop index holds_room`);
    this.addSql(`drop index file_versions_creator`);
  }
}
