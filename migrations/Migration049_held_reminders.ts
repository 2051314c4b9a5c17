import { Migration } from '@mikro-orm/migrations';

/** Both sides are reminded of money that should not be held for longer, also of what was paid before they were. */
export class Migration049_held_reminders extends Migration {
  override readonly name = '049_held_reminders';

  override up(): void {
    this.addSql(`
      insert into clocks (id, milestone_id, kind, due_at)
      select gen_random_uuid(), h.milestone_id, r.kind, h.held_until - make_interval(days => r.days)
      from holds h cross join (values ('held.7d', 7), ('held.1d', 1), ('held.0d', 0)) r (kind, days)
      where h.held_minor > 0 and h.held_until > product_now()
      on conflict do nothing`);
  }
}
