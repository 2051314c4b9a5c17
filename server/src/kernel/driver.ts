import {
  AbstractSqlDriver,
  NativeQueryBuilder,
  PostgreSqlConnection,
  PostgreSqlDriver,
  PostgreSqlPlatform,
} from '@mikro-orm/postgresql';
import { isRaw, raw, type Configuration, type Dictionary, type EntityManagerType } from '@mikro-orm/core';
import { CompiledQuery } from 'kysely';

interface Bound {
  readonly text: string;
  readonly values: readonly string[];
}

/** Puts a place (`$1`) where the ORM would write a text out, quoted by its own rules. */
class BindingPlatform extends PostgreSqlPlatform {
  /** While a statement is put together, which happens in one go. */
  #values: string[] | null = null;

  bind(text: string, parameters: readonly unknown[]): Bound {
    const values: string[] = [];
    this.#values = values;
    try {
      return { text: this.formatQuery(text, parameters), values };
    } finally {
      this.#values = null;
    }
  }

  override escape(value: unknown): string {
    if (typeof value === 'string' && this.#values) return `$${this.#values.push(value)}`;
    return super.escape(value);
  }
}

type Execute = PostgreSqlConnection['execute'];
type Query = Parameters<Execute>[0];

/** Sends the statements of the ORM as it sends our own: what people wrote travels beside the text, never in it. */
class BindingConnection extends PostgreSqlConnection {
  override execute = (async (query: Query, parameters = [], method = 'all', ctx) => {
    await this.ensureConnection();
    const { text, values } = (this.platform as BindingPlatform).bind(...statementOf(query, parameters));
    return this.executeQuery(text, async () => {
      const result = await (ctx ?? this.getClient()).executeQuery(CompiledQuery.raw(text, [...values]));
      return this.transformRawResult(result, method);
    });
  }) as Execute;
}

function statementOf(query: Query, parameters: readonly unknown[] | Dictionary): [string, readonly unknown[]] {
  const said = query instanceof NativeQueryBuilder ? query.toRaw() : query;
  if (isRaw(said)) return [said.sql, said.params];
  if (Array.isArray(parameters)) return [String(said), parameters];
  const named = raw(String(said), parameters as Dictionary);
  return [named.sql, named.params];
}

export class BindingDriver extends AbstractSqlDriver<BindingConnection, BindingPlatform> {
  constructor(config: Configuration) {
    super(config, new BindingPlatform(), BindingConnection, ['kysely', 'pg']);
  }

  override createEntityManager(useContext?: boolean): this[typeof EntityManagerType] {
    return PostgreSqlDriver.prototype.createEntityManager.call(this as never, useContext) as never;
  }

  override getORMClass(): ReturnType<PostgreSqlDriver['getORMClass']> {
    return PostgreSqlDriver.prototype.getORMClass.call(this as never);
  }
}
