import { inputTokensOf, outputTokensOf } from '../providers/ai-usage.js';
import type { AiUsageLog } from '../providers/ai-usage-log.js';
import type { Modality } from '../providers/model-price.js';
import { Money } from '../shared/money.js';
import type { UsageLog } from '../usage/usage-log.js';
import type { ProviderSpend, ServiceType } from './budget-ledger.js';

const SERVICE_OF: Readonly<Record<Modality, ServiceType>> = { chat: 'llm', image: 'image', transcription: 'stt' };

/** What a request through the gateway cost us. */
export function spendOfRequest(entry: AiUsageLog): ProviderSpend {
  const { userId, requestId, providerCost, usage, startedAt, modality, provider, model } = entry;
  return {
    userId,
    requestId,
    cost: providerCost,
    isEstimate: usage.source === 'estimate',
    at: startedAt,
    service: SERVICE_OF[modality],
    provider,
    model,
    tokens: inputTokensOf(usage) + outputTokensOf(usage),
  };
}

/** What the transcription of a session cost us. Its audio was measured by us unless its provider reported the length. */
export function spendOfTranscription(log: UsageLog): ProviderSpend {
  return {
    userId: log.userId,
    requestId: transcriptionRequestId(log.sessionId, log.attempt),
    cost: Money.ofMicros(log.providerCostMicros),
    isEstimate: log.providerMetadata['duration_source'] !== 'provider',
    at: log.startedAt,
    service: 'stt',
    provider: log.provider,
    model: log.model,
    tokens: 0,
  };
}

/** One attempt is one request. */
export function transcriptionRequestId(sessionId: string, attempt: number): string {
  return `transcription:${sessionId}:${attempt}`;
}
