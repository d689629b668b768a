import { injectable } from 'inversify';
import type { RevenueSnapshot, RevenueSnapshots } from '#application/billing/revenue-snapshots';
import type { CurrencyRevenue, Revenue } from '#domain/billing/revenue';
import type { Page, PageOf } from '#domain/shared/page';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

@injectable()
export class SqlRevenueSnapshots implements RevenueSnapshots {
  constructor(private readonly database: TypeOrmTransaction) {}

  async addOnce({ day, revenue }: RevenueSnapshot): Promise<boolean> {
    const { currencies, at, ...figures } = revenue;
    const money = currencies.map((one) => ({
      ...one,
      mrr: String(one.mrr),
      arr: String(one.arr),
      arpu: one.arpu === null ? null : String(one.arpu),
      atRisk: String(one.atRisk),
    }));
    const added = await this.database.writer.query<unknown[]>(
      `insert into revenue_snapshots (day, currencies, figures, taken_at) values ($1, $2, $3, $4)
       on conflict (day) do nothing returning day`,
      [day, JSON.stringify(money), JSON.stringify(figures), at],
    );
    return added.length === 1;
  }

  async has(day: string): Promise<boolean> {
    const rows = await this.database.reader.query<unknown[]>('select from revenue_snapshots where day = $1', [day]);
    return rows.length === 1;
  }

  async list(from: string, to: string, { limit, offset }: Page): Promise<PageOf<RevenueSnapshot>> {
    const rows = await this.database.reader.query<SnapshotRow[]>(
      `select day::text as day, currencies, figures, taken_at from revenue_snapshots
        where day between $1 and $2 order by day limit $3 offset $4`,
      [from, to, limit, offset],
    );
    const [counted] = await this.database.reader.query<{ total: number }[]>(
      'select count(*)::int as total from revenue_snapshots where day between $1 and $2',
      [from, to],
    );
    const items = rows.map(({ day, currencies, figures, taken_at: at }) => {
      const { from: begin, to: end } = figures.churn;
      return {
        day,
        revenue: {
          ...figures,
          at,
          currencies: currencies.map(currencyOf),
          churn: { ...figures.churn, from: new Date(begin), to: new Date(end) },
        },
      };
    });
    return { items, total: counted!.total };
  }
}

/** As JSON has it: amounts are text, since a JSON number is not exact beyond nine quadrillion. */
interface CurrencyJson extends Omit<CurrencyRevenue, 'mrr' | 'arr' | 'arpu' | 'atRisk'> {
  readonly mrr: string;
  readonly arr: string;
  readonly arpu: string | null;
  readonly atRisk: string;
}

interface SnapshotRow {
  readonly day: string;
  readonly currencies: readonly CurrencyJson[];
  readonly figures: Omit<Revenue, 'currencies' | 'at'>;
  readonly taken_at: Date;
}

function currencyOf(json: CurrencyJson): CurrencyRevenue {
  return {
    ...json,
    mrr: BigInt(json.mrr),
    arr: BigInt(json.arr),
    arpu: json.arpu === null ? null : BigInt(json.arpu),
    atRisk: BigInt(json.atRisk),
  };
}
