import { Migration } from '@mikro-orm/migrations';

/** Answers are sealed and bodies keyed from now on: what was kept in clear before is forgotten. */
export class Migration009_sealed_answers extends Migration {
  override readonly name = '009_sealed_answers';

  override up(): void {
    // A body without a hash is not compared: a retry of these still changes nothing and is recognized by its verb.
    this.addSql(`update commands set body_hash = ''`);
    this.addSql(
      `update commands set answer = (answer::jsonb #- '{invitation,token}')::json where answer #>> '{invitation,token}' is not null`,
    );
  }
}
