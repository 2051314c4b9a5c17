import { Migration } from '@mikro-orm/migrations';

/** Why a credential is good no longer: it ran out, or (when it is nowhere) somebody ended it. */
export class Migration010_expired_credentials extends Migration {
  override readonly name = '010_expired_credentials';

  override up(): void {
    this.addSql(`
      create view expired_credentials as
        select id as key from sessions where expires_at <= product_now() or absolute_expires_at <= product_now()
        union all
        select token_hash from api_tokens where revoked_at is null and expires_at <= product_now()`);
    this.addSql(`grant select on expired_credentials to safesend_app`);
  }
}
