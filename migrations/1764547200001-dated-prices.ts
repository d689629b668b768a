import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * List prices of transcription in micro-dollars a minute, each with the page it was read from. A price change is a new
 * row with its own date; these rows stay, because logs point at them.
 */
const PRICES: readonly [id: string, provider: string, model: string, microsPerMinute: number, source: string][] = [
  ['0197a000-0000-7000-8000-000000000001', 'openai', 'whisper-1', 6000, 'https://openai.com/api/pricing'],
  [
    '0197a000-0000-7000-8000-000000000002',
    'openai',
    'gpt-4o-transcribe-diarize',
    6000,
    'https://openai.com/api/pricing',
  ],
  ['0197a000-0000-7000-8000-000000000003', 'sandbox', 'sandbox-1', 6000, 'made up: priced like whisper-1'],
  ['0197a000-0000-7000-8000-000000000004', 'sandbox-failing', 'sandbox-1', 6000, 'made up: priced like whisper-1'],
  ['0197a000-0000-7000-8000-000000000005', 'sandbox-slow', 'sandbox-1', 6000, 'made up: priced like whisper-1'],
  ['0197a000-0000-7000-8000-000000000006', 'sandbox-duplicate', 'sandbox-1', 6000, 'made up: priced like whisper-1'],
  [
    '0197a000-0000-7000-8000-000000000007',
    'sandbox-wrong-duration',
    'sandbox-1',
    6000,
    'made up: priced like whisper-1',
  ],
  ['0197a000-0000-7000-8000-000000000008', 'sandbox-flaky', 'sandbox-1', 6000, 'made up: priced like whisper-1'],
];

export class DatedPrices1764547200001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const [id, provider, model, microsPerMinute, source] of PRICES) {
      await runner.query(
        `insert into rate_cards (id, provider, model, micros_per_minute, effective_from, source)
         values ($1, $2, $3, $4, '2025-01-01T00:00:00Z', $5)`,
        [id, provider, model, microsPerMinute, source],
      );
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table rate_cards disable trigger rate_cards_are_dated`);
    await runner.query(`delete from rate_cards where id = any($1)`, [PRICES.map(([id]) => id)]);
    await runner.query(`alter table rate_cards enable trigger rate_cards_are_dated`);
  }
}
