import { Migration } from '@mikro-orm/migrations';

/** What open chargebacks may take of a freelancer is told by each payment, and not by all that he was ever given. */
export class Migration035_at_risk extends Migration {
  override readonly name = '035_at_risk';

  override up(): void {
    this.addSql(`alter table holds add column at_risk_minor bigint not null default 0 check (at_risk_minor >= 0)`);
    this.addSql(`
      update holds h set at_risk_minor = risk.minor from (
        select open.hold_id, sum(greatest(0, least(lost.before + open.rest, his.gross) * his.net / nullif(his.gross, 0) - lost.owed)) as minor
        from (select hold_id, payment_id, sum(share_minor - frozen_minor) as rest
            from chargebacks where status = 'open' group by hold_id, payment_id) open,
          lateral (select coalesce(sum(gross_minor), 0) as gross, coalesce(sum(amount_minor), 0) as net from money_operations
            where payment_id = open.payment_id and kind = 'transfer' and gross_minor > 0 and state <> 'withheld') his,
          lateral (select coalesce(sum(share_minor - frozen_minor), 0) as before, coalesce(sum(owed_minor), 0) as owed
            from chargebacks where payment_id = open.payment_id and status = 'lost') lost
        where his.gross > 0 group by open.hold_id) risk
      where h.id = risk.hold_id`);
    this.addSql(`
      update milestones m set hold = m.hold || jsonb_build_object('atRiskMinor', coalesce(h.at_risk_minor, 0))
      from milestones o left join holds h on h.milestone_id = o.id where o.id = m.id and m.hold is not null`);
  }
}
