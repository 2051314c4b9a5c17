import { Migration } from '@mikro-orm/migrations';

/** The date of work that nobody has paid passes with a word as well, also of what was planned before it did. */
export class Migration047_unpaid_dates extends Migration {
  override readonly name = '047_unpaid_dates';

  override up(): void {
    this.addSql(`
      insert into clocks (id, milestone_id, kind, due_at)
      select gen_random_uuid(), id, 'deadline', due_at from milestones
      where status in ('planned', 'funding') and due_at > product_now()
      on conflict do nothing`);
  }
}
