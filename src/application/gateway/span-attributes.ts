import { inputTokensOf, outputTokensOf } from '#domain/providers/ai-usage';
import type { AiUsageLog } from '#domain/providers/ai-usage-log';
import type { SpanAttributes } from '../ports/tracing.js';
import type { AiAsk } from './ai-ask.js';

/** Of a request that begins, named as in https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/ */
export function attributesOf({ task, model, traceId, stream }: AiAsk): SpanAttributes {
  return {
    'gen_ai.operation.name': task,
    'gen_ai.request.model': model,
    'minutebook.request_id': traceId,
    'minutebook.streamed': stream,
  };
}

/** Of one that is settled. */
export function endOf({ usage, cost, outcome, provider, model }: AiUsageLog): SpanAttributes {
  const attributes: Record<string, string | number> = {
    'gen_ai.usage.input_tokens': inputTokensOf(usage),
    'gen_ai.usage.output_tokens': outputTokensOf(usage),
    'minutebook.cost_micros': cost.toNumber(),
    'minutebook.outcome': outcome,
  };
  if (provider !== null) attributes['gen_ai.provider.name'] = provider;
  if (model !== null) attributes['gen_ai.response.model'] = model;
  return attributes;
}
