import type { MikroORM } from '@mikro-orm/postgresql';
import { newId } from '@safesend/shared/ids.ts';
import type { Currency } from '@safesend/shared/money.ts';
import { query, queryOne, type Em } from '../../sql.ts';

export interface TestObject {
  readonly id: string;
  readonly kind: string;
  readonly operationId: string | null;
  readonly parentId: string | null;
  readonly amountMinor: bigint | null;
  readonly currency: Currency | null;
  readonly status: string;
  readonly detail: Readonly<Record<string, string>>;
  readonly ageSeconds: number;
  readonly createdAt: Date;
}

interface NewObject {
  readonly idempotencyKey?: string;
  readonly operationId?: string;
  readonly parentId?: string;
  readonly amountMinor?: bigint;
  readonly currency?: Currency;
  readonly status: string;
  readonly detail?: Readonly<Record<string, string>>;
}

interface Row extends Omit<TestObject, 'operationId' | 'parentId' | 'amountMinor' | 'ageSeconds' | 'createdAt'> {
  operation_id: string | null;
  parent_id: string | null;
  amount_minor: string | null;
  age: number;
  created_at: Date | string;
}

const columns = `id, kind, operation_id, parent_id, amount_minor::text, currency, status, detail,
  extract(epoch from product_now() - created_at)::float8 as age, created_at`;

/** What the processor of test money knows. Every call is one statement, so that it happens or does not. */
export class TestMoneyObjects {
  readonly #orm: MikroORM;

  constructor(orm: MikroORM) {
    this.#orm = orm;
  }

  get #em(): Em {
    return this.#orm.em.fork();
  }

  async make(kind: string, object: NewObject): Promise<TestObject> {
    const { idempotencyKey = newId(), operationId = null, parentId = null, amountMinor, currency = null } = object;
    await query(
      this.#em,
      `insert into test_money_objects (id, kind, idempotency_key, operation_id, parent_id, amount_minor, currency, status, detail, created_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, product_now()) on conflict do nothing`,
      [
        `tm_${kind}_${newId()}`,
        kind,
        idempotencyKey,
        operationId,
        parentId,
        amountMinor === undefined ? null : String(amountMinor),
        currency,
        object.status,
        JSON.stringify(object.detail ?? {}),
      ],
    );
    const made = await this.#one('idempotency_key = $1', [idempotencyKey]);
    if (!made) throw new Error('an object of test money was not made');
    return made;
  }

  find(id: string): Promise<TestObject | null> {
    return this.#one('id = $1', [id]);
  }

  findByOperation(kind: string, operationId: string): Promise<TestObject | null> {
    return this.#one('kind = $1 and operation_id = $2', [kind, operationId]);
  }

  /** The newest of a kind that belongs to something else. */
  findChild(kind: string, parentId: string): Promise<TestObject | null> {
    return this.#one('kind = $1 and parent_id = $2 order by created_at desc, id desc limit 1', [kind, parentId]);
  }

  async list(since: Date, kinds: readonly string[]): Promise<TestObject[]> {
    const rows = await query<Row>(
      this.#em,
      `select ${columns} from test_money_objects where kind = any($1) and created_at >= $2 order by created_at, id`,
      [kinds, since],
    );
    return rows.map(asObject);
  }

  /** Moves on only from one of these states; answers whether it did. */
  async move(id: string, from: readonly string[], to: string, detail: Record<string, string> = {}): Promise<boolean> {
    const moved = await query(
      this.#em,
      `update test_money_objects set status = $3, detail = detail || $4::jsonb where id = $1 and status = any($2)
       returning 1 as one`,
      [id, from, to, JSON.stringify(detail)],
    );
    return moved.length > 0;
  }

  async #one(where: string, parameters: readonly unknown[]): Promise<TestObject | null> {
    const row = await queryOne<Row>(this.#em, `select ${columns} from test_money_objects where ${where}`, parameters);
    return row && asObject(row);
  }
}

function asObject(row: Row): TestObject {
  const { id, kind, currency, status, detail, age } = row;
  return {
    ...{ id, kind, currency, status, detail },
    operationId: row.operation_id,
    parentId: row.parent_id,
    amountMinor: row.amount_minor === null ? null : BigInt(row.amount_minor),
    ageSeconds: age,
    createdAt: new Date(row.created_at),
  };
}
