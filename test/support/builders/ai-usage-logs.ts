import type { UserId } from '#domain/accounts/user';
import type { AiUsageLog, AiUsageLogId } from '#domain/providers/ai-usage-log';
import type { ModelPriceId } from '#domain/providers/model-price';
import { micros } from './credits.js';

const PRICE = '00000000-0000-4000-9000-00000000a110' as ModelPriceId;

/** A chat of 20 tokens in and 10 out that OpenAI answered at once and that costs nothing, unless told otherwise. */
export function anAiUsageLog(userId: UserId, requestId: string, of: Partial<AiUsageLog> = {}): AiUsageLog {
  return {
    id: crypto.randomUUID() as AiUsageLogId,
    userId,
    requestId,
    traceId: 'req-1',
    endpoint: '/v1/chat/completions',
    modality: 'chat',
    streamed: false,
    requestedModel: 'gpt-4o-mini',
    provider: 'openai',
    model: 'gpt-4o-mini',
    usage: { quantities: { input_token: 20, output_token: 10 }, source: 'provider', image: null },
    outcome: 'completed',
    attempts: [{ provider: 'openai', model: 'gpt-4o-mini', result: 'answered', ms: 12 }],
    held: micros(0),
    cost: micros(0),
    providerCost: micros(0),
    priceId: PRICE,
    servedPriceId: PRICE,
    markup: 0,
    startedAt: new Date('2025-09-20T12:00:00.000Z'),
    firstByteMs: 12,
    totalMs: 20,
    ...of,
  };
}
