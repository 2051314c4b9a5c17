import { Migration } from '@mikro-orm/migrations';

/** Who writes facts numbered from a head he only remembers has the database refuse when it has moved. */
export class Migration011_same_heads extends Migration {
  override readonly name = '011_same_heads';

  override up(): void {
    this.addSql(`
      create function same_heads(unmoved bigint, expected bigint) returns boolean language plpgsql immutable as
      $$ begin
        if unmoved <> expected then
          raise exception 'a room has moved on' using errcode = 'serialization_failure';
        end if;
        return true;
      end $$`);
  }
}
