import { injectable } from 'inversify';
import type { DatedRoute, PriceBook, PriceFilter, PriceInForce } from '#application/gateway/price-book';
import type { ModelPrice } from '#domain/providers/model-price';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';
import { type ModelPriceRow, modelPriceOf, PRICE_COLUMNS, writtenRates } from './model-rows.js';

@injectable()
export class SqlPriceBook implements PriceBook {
  constructor(private readonly database: TypeOrmTransaction) {}

  async hold(): Promise<void> {
    // Readers go on: a gateway at work does not wait for an operator.
    await this.database.writer.query(`lock table model_prices, model_routes in share row exclusive mode`);
  }

  async inForce({ provider, model }: PriceFilter, at: Date): Promise<readonly PriceInForce[]> {
    const rows = await this.database.reader.query<(ModelPriceRow & PriceInForceRow)[]>(
      `with p as (
         select distinct on (provider, model) * from model_prices where effective_from <= $1
          order by provider, model, effective_from desc
       ), route as (
         select distinct on (model) * from model_routes where effective_from <= $1 order by model, effective_from desc
       ), priced as (
         select ${PRICE_COLUMNS},
                (select min(successor.effective_from) from model_prices successor
                  where successor.provider = p.provider and successor.model = p.model
                    and successor.effective_from > p.effective_from) as until,
                array(select route.model from route
                       where route.targets @> jsonb_build_array(jsonb_build_object('provider', p.provider, 'model', p.model))
                       order by route.model) as routes
           from p
       )
       select * from priced
        where ($2::text is null or provider = $2) and ($3::text is null or model = $3 or $3 = any(routes))
        order by provider collate "C", model collate "C"`,
      [at, provider, model],
    );
    return rows.map((row) => ({ price: modelPriceOf(row), until: row.until, routes: row.routes }));
  }

  async routed(): Promise<ReadonlySet<string>> {
    const rows = await this.database.reader.query<{ model: string }[]>(`select distinct model from model_routes`);
    return new Set(rows.map(({ model }) => model));
  }

  async addPrice(price: ModelPrice): Promise<void> {
    const { longContext, traits } = price;
    await this.database.writer.query(
      `insert into model_prices (id, provider, model, modality, rates, long_context, traits, effective_from, source)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        price.id,
        price.provider,
        price.model,
        price.modality,
        writtenRates(price.rates),
        longContext && { above_tokens: longContext.aboveTokens, rates: writtenRates(longContext.rates) },
        {
          context_tokens: traits.contextTokens,
          max_output_tokens: traits.maxOutputTokens,
          features: traits.features,
        },
        price.effectiveFrom,
        price.source,
      ],
    );
  }

  async addRoute({ model, effectiveFrom, targets, source }: DatedRoute): Promise<void> {
    await this.database.writer.query(
      `insert into model_routes (model, effective_from, targets, source) values ($1, $2, $3, $4)`,
      [model, effectiveFrom, JSON.stringify(targets), source],
    );
  }
}

interface PriceInForceRow {
  readonly until: Date | null;
  readonly routes: readonly string[];
}
