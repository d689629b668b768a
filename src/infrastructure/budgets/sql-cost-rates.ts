import { injectable } from 'inversify';
import type { ServiceType } from '#domain/budgets/budget-ledger';
import type { CostRates, KnownPrices, RateUnit, ServiceRate } from '#domain/budgets/cost-rates';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

@injectable()
export class SqlCostRates implements CostRates {
  constructor(private readonly database: TypeOrmTransaction) {}

  async inForce(provider: string, model: string, at: Date): Promise<Omit<KnownPrices, 'price'>> {
    const rows = await this.database.reader.query<RateRow[]>(
      `select * from (
         select distinct on (provider, model, service, unit)
                provider, model, service, unit, micros_per_million_units, effective_from, effective_until, source
           from service_rates
          where effective_from <= $3 and ((provider = $1 and model = $2) or (provider is null and model is null))
          order by provider, model, service, unit, effective_from desc
       ) newest
        where effective_until is null or effective_until > $3
        order by service, unit`,
      [provider, model, at],
    );
    const rates = rows.map(rateOf);
    return {
      rates: rates.filter((rate) => rate.provider !== null),
      defaults: rates.filter((rate) => rate.provider === null),
    };
  }
}

interface RateRow {
  readonly provider: string | null;
  readonly model: string | null;
  readonly service: ServiceType;
  readonly unit: RateUnit;
  readonly micros_per_million_units: string;
  readonly effective_from: Date;
  readonly source: string;
}

function rateOf(row: RateRow): ServiceRate {
  const { provider, model, service, unit, micros_per_million_units, effective_from, source } = row;
  const microsPerMillion = BigInt(micros_per_million_units);
  return { provider, model, service, unit, microsPerMillion, effectiveFrom: effective_from, source };
}
