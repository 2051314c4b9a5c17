import { Migration } from '@mikro-orm/migrations';

/** Which versions were handed in for which milestone: they are found by it, and kept while its money is contested. */
export class Migration025_file_pins extends Migration {
  override readonly name = '025_file_pins';

  override up(): void {
    this.addSql(`
      create table file_pins (
        submission_id uuid not null references submissions (id),
        milestone_id uuid not null references milestones (id),
        file_id uuid not null,
        version integer not null,
        primary key (submission_id, file_id, version),
        foreign key (file_id, version) references file_versions (file_id, version)
      )`);
    this.addSql(`create index file_pins_file on file_pins (file_id)`);
    this.addSql(`create index file_pins_milestone on file_pins (milestone_id, file_id)`);
    this.addSql(`
      insert into file_pins (submission_id, milestone_id, file_id, version)
      select s.id, s.milestone_id, v.file_id, v.version
      from submissions s cross join lateral json_array_elements(s.files) cited
        join file_versions v on v.file_id = (cited ->> 'fileId')::uuid and v.version = (cited ->> 'version')::integer
      on conflict do nothing`);
    this.addSql(`grant select, insert on file_pins to safesend_app`);
  }
}
