import type { ServiceRate } from '#domain/budgets/cost-rates';

const SINCE = new Date('2025-01-01T00:00:00.000Z');

/** A rate of 0.00025 USD for a thousand tokens in, unless told otherwise. */
export function aServiceRate(of: Partial<ServiceRate> = {}): ServiceRate {
  return {
    provider: 'anthropic',
    model: 'claude-3-haiku',
    service: 'llm',
    unit: 'input_token',
    microsPerMillion: 250_000n,
    effectiveFrom: SINCE,
    source: 'a test',
    ...of,
  };
}

/** USD for a thousand tokens in and out, as the historical table has them. */
const HISTORICAL: readonly (readonly [provider: string, model: string, input: string, output: string])[] = [
  ['anthropic', 'claude-3-haiku', '0.00025', '0.00125'],
  ['anthropic', 'claude-3-sonnet', '0.003', '0.015'],
  ['anthropic', 'claude-3-opus', '0.015', '0.075'],
  ['mistral', 'mistral-tiny', '0.00014', '0.00042'],
  ['mistral', 'mistral-small', '0.0006', '0.0018'],
  ['mistral', 'mistral-medium', '0.0027', '0.0081'],
  ['qwen', 'qwen-turbo', '0.0001', '0.0002'],
  ['qwen', 'qwen-plus', '0.0004', '0.0008'],
  ['qwen', 'qwen-max', '0.002', '0.006'],
];

export const HISTORICAL_RATES: readonly ServiceRate[] = [
  ...HISTORICAL.flatMap(([provider, model, input, output]) => [
    aServiceRate({ provider, model, unit: 'input_token', microsPerMillion: perThousand(input) }),
    aServiceRate({ provider, model, unit: 'output_token', microsPerMillion: perThousand(output) }),
  ]),
  aServiceRate({
    ...{ provider: 'ibm_watson', model: 'stt', service: 'stt', unit: 'minute' },
    microsPerMillion: perThousand('0.02') * 1000n,
  }),
  aServiceRate({
    ...{ provider: 'ibm_watson', model: 'tts', service: 'tts', unit: 'character' },
    microsPerMillion: perThousand('0.02'),
  }),
];

const NOBODYS = { provider: null, model: null };

export const DEFAULT_RATES: readonly ServiceRate[] = [
  aServiceRate({ ...NOBODYS, unit: 'input_token', microsPerMillion: perThousand('0.002') }),
  aServiceRate({ ...NOBODYS, unit: 'output_token', microsPerMillion: perThousand('0.002') }),
  aServiceRate({ ...NOBODYS, service: 'stt', unit: 'minute', microsPerMillion: perThousand('0.025') * 1000n }),
  aServiceRate({ ...NOBODYS, service: 'tts', unit: 'character', microsPerMillion: perThousand('0.025') }),
  aServiceRate({ ...NOBODYS, service: 'other', unit: 'operation', microsPerMillion: perThousand('0.01') * 1000n }),
];

/** USD for a thousand units as micro-USD for a million: 0.00025 is 250 000. */
function perThousand(usd: string): bigint {
  const [whole = '', fraction = ''] = usd.split('.');
  return BigInt(whole + fraction.padEnd(9, '0'));
}
