import { injectable } from 'inversify';
import type { CreditAllowances } from '#application/credits/credit-allowances';
import { Money } from '#domain/shared/money';
import { money } from '../persistence/money.js';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

@injectable()
export class SqlCreditAllowances implements CreditAllowances {
  constructor(private readonly database: TypeOrmTransaction) {}

  async take(actor: string, at: Date, amount: Money, most: Money): Promise<boolean> {
    const rows = await this.database.writer.query<unknown[]>(
      `insert into credit_allowances as given (actor, day, granted_micros)
       select $1, ${DAY}, $3::bigint
        where $3::bigint <= $4::bigint
       on conflict (actor, day) do update set granted_micros = given.granted_micros + excluded.granted_micros
         where given.granted_micros + excluded.granted_micros <= $4::bigint
       returning granted_micros`,
      [actor, at, amount.micros, most.micros],
    );
    return rows.length === 1;
  }

  async grantedOn(actor: string, at: Date): Promise<Money> {
    const [row] = await this.database.reader.query<{ granted_micros: string }[]>(
      `select granted_micros from credit_allowances where actor = $1 and day = ${DAY}`,
      [actor, at],
    );
    return row ? money(row.granted_micros) : Money.zero;
  }
}

/** A day of UTC, whatever the time zone of the connection. */
const DAY = `($2::timestamptz at time zone 'UTC')::date`;
