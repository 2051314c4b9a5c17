import { Migration } from '@mikro-orm/migrations';

/** Product time is looked up once for a question about many credentials, and not twice for each of them. */
export class Migration012_live_credentials extends Migration {
  override readonly name = '012_live_credentials';

  override up(): void {
    this.addSql(`
      create or replace view live_credentials as
        select id as key, user_id from sessions
        where expires_at > (select product_now()) and absolute_expires_at > (select product_now())
        union all
        select token_hash, user_id from api_tokens
        where revoked_at is null and (expires_at is null or expires_at > (select product_now()))`);
    this.addSql(`
      create or replace view expired_credentials as
        select id as key from sessions
        where expires_at <= (select product_now()) or absolute_expires_at <= (select product_now())
        union all
        select token_hash from api_tokens where revoked_at is null and expires_at <= (select product_now())`);
  }
}
