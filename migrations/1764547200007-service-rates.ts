import type { MigrationInterface, QueryRunner } from 'typeorm';

type Unit = 'input_token' | 'output_token' | 'minute' | 'character' | 'operation';

/** Micro-USD for a million units: 0.00025 USD for 1 000 tokens are 250 000. Null for provider and model: whoever's. */
interface Rate {
  readonly provider: string | null;
  readonly model: string | null;
  readonly service: 'llm' | 'stt' | 'tts' | 'other';
  readonly unit: Unit;
  readonly micros: bigint;
  readonly until: string | null;
  readonly source: string;
}

const SINCE = '2025-01-01T00:00:00Z';
/** When qwen and ibm_watson were withdrawn. */
const WITHDRAWN = '2025-12-10T00:00:00Z';

const RATES: readonly Rate[] = [
  ...llm('anthropic', 'claude-3-haiku', 250_000n, 1_250_000n),
  ...llm('anthropic', 'claude-3-sonnet', 3_000_000n, 15_000_000n),
  ...llm('anthropic', 'claude-3-opus', 15_000_000n, 75_000_000n),
  ...llm('mistral', 'mistral-tiny', 140_000n, 420_000n),
  ...llm('mistral', 'mistral-small', 600_000n, 1_800_000n),
  ...llm('mistral', 'mistral-medium', 2_700_000n, 8_100_000n),
  ...llm('qwen', 'qwen-turbo', 100_000n, 200_000n, WITHDRAWN),
  ...llm('qwen', 'qwen-plus', 400_000n, 800_000n, WITHDRAWN),
  ...llm('qwen', 'qwen-max', 2_000_000n, 6_000_000n, WITHDRAWN),
  historical('ibm_watson', 'stt', 'stt', 'minute', 20_000_000_000n, WITHDRAWN),
  historical('ibm_watson', 'tts', 'tts', 'character', 20_000_000n, WITHDRAWN),
  usual('llm', 'input_token', 2_000_000n),
  usual('llm', 'output_token', 2_000_000n),
  usual('stt', 'minute', 25_000_000_000n),
  usual('tts', 'character', 25_000_000n),
  usual('other', 'operation', 10_000_000_000n),
];

const IDS = RATES.map((_, index) => `0197a000-0000-7000-8002-${String(index + 1).padStart(12, '0')}`);

/** What work outside the gateway is taken to cost: for estimates, dated, and never changed. */
export class ServiceRates1764547200007 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table service_rates (
        id                       uuid primary key,
        -- Null, like the model: what the service is taken to cost where the model is not known.
        provider                 text check (provider <> ''),
        model                    text check (model <> ''),
        service                  service_type not null,
        unit                     text not null check (unit in ('input_token', 'output_token', 'minute', 'character', 'operation')),
        micros_per_million_units bigint not null check (micros_per_million_units >= 0),
        effective_from           timestamptz not null,
        -- Null: until a later row replaces it. One that ends as it begins withdraws those before it.
        effective_until          timestamptz,
        source                   text not null check (source <> ''),
        unique nulls not distinct (provider, model, service, unit, effective_from),
        constraint a_model_has_a_provider check ((provider is null) = (model is null)),
        constraint ends_after_it_begins check (effective_until >= effective_from)
      );
      create trigger service_rates_are_dated before update or delete on service_rates for each row execute function refuse_change();
      create trigger service_rates_are_dated_all before truncate on service_rates execute function refuse_change();
    `);
    for (const [index, { provider, model, service, unit, micros, until, source }] of RATES.entries()) {
      await runner.query(
        `insert into service_rates (id, provider, model, service, unit, micros_per_million_units, effective_from, effective_until, source)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [IDS[index], provider, model, service, unit, micros, SINCE, until, source],
      );
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table service_rates');
  }
}

function llm(provider: string, model: string, input: bigint, output: bigint, until: string | null = null): Rate[] {
  return [
    historical(provider, model, 'llm', 'input_token', input, until),
    historical(provider, model, 'llm', 'output_token', output, until),
  ];
}

function historical(
  provider: string,
  model: string,
  service: Rate['service'],
  unit: Unit,
  micros: bigint,
  until: string | null,
): Rate {
  return { provider, model, service, unit, micros, until, source: 'price table of the first budget manager' };
}

function usual(service: Rate['service'], unit: Unit, micros: bigint): Rate {
  const source = 'fallback prices of the first budget manager';
  return { provider: null, model: null, service, unit, micros, until: null, source };
}
