import { Migration } from '@mikro-orm/migrations';

/** Whoever is not invited any more reads what he was invited to by the name he was told. */
export class Migration043_told_titles extends Migration {
  override readonly name = '043_told_titles';

  override up(): void {
    this.addSql(`alter table invitations add told_title text`);
    // Where no notification kept it, nobody knows better than the project.
    this.addSql(`
      update invitations i set told_title = coalesce(
        (select n.room_title from notifications n where n.invitation_id = i.id and n.kind = 'invited' order by n.created_at desc limit 1),
        (select p.title from projects p where p.id = i.project_id))`);
    this.addSql(`alter table invitations alter told_title set not null`);
  }
}
