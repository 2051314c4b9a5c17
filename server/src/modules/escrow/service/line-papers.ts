/** For a line `l` of an account and whoever sees it: what papers say of it, his own before those he issued. */
export const papersText = `
  select coalesce(json_agg(json_build_object('id', i.id, 'kind', i.kind, 'number', i.document ->> 'number')
    order by i.recipient_id <> $1, i.issued_at, i.number), '[]')
  from invoices i where i.hold_id = l.hold_id and (i.issuer_id = $1 or i.recipient_id = $1) and case l.kind
    -- One receipt of all the transfers of a release.
    when 'release' then i.kind = 'receipt' and i.transaction_id in (
      select t.id from ledger_transactions t join money_operations o on o.id = t.operation_id
      where t.hold_id = l.hold_id and t.kind = 'transfer' and (o.decision_id = l.transaction_id
        or o.id = (select d.operation_id from ledger_transactions d where d.id = l.transaction_id)))
    -- What a bank took is on paper once it has decided.
    when 'chargeback' then i.transaction_id in (
      select t.id from ledger_transactions t join chargebacks c on c.id::text = t.object_id
        join ledger_transactions d on d.object_id = c.processor_chargeback_id and d.id = l.transaction_id
      where t.hold_id = l.hold_id and t.kind = 'chargeback_lost')
    when 'chargeback_won' then i.transaction_id = l.transaction_id
    when 'reversal' then i.transaction_id = l.transaction_id
    else i.line = l.kind and i.transaction_id = l.transaction_id end`;
