import { type AiUsageLog, AiUsageLogRepository, type LostAiRequest } from '#domain/providers/ai-usage-log';
import { NO_USAGE } from '#domain/providers/ai-usage';
import type { ModelPriceId, Modality } from '#domain/providers/model-price';
import { Money } from '#domain/shared/money';
import { Clock } from '../ports/clock.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';

/** A process that lives settles until then, however long the database was away (AiSettlement). */
const GIVEN_UP_AFTER_MS = 60 * 60_000;
const AT_A_TIME = 500;

/**
 * Writes the entry of requests whose process died: the hold ran out and gave the credit back by the clock alone, and what the
 * provider delivered nobody knows. Nothing is charged, and nothing is hidden.
 */
@UseCase()
export class LostRequestSweep {
  constructor(
    private readonly logs: AiUsageLogRepository,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
  ) {}

  /** Answers how many entries were written. */
  async execute(): Promise<number> {
    const before = new Date(this.clock.now().getTime() - GIVEN_UP_AFTER_MS);
    return this.transaction.run(async () => {
      const lost = await this.logs.listLost(before, AT_A_TIME);
      for (const request of lost) await this.logs.append(entryOf(request));
      return lost.length;
    });
  }
}

function entryOf({ userId, requestId, held, placedAt, closedAt, metadata }: LostAiRequest): AiUsageLog {
  return {
    id: metadata['ai_usage_log_id'] as AiUsageLog['id'],
    userId,
    requestId,
    traceId: String(metadata['trace_id']),
    endpoint: String(metadata['endpoint']),
    modality: metadata['modality'] as Modality,
    streamed: metadata['streamed'] === true,
    requestedModel: String(metadata['requested_model']),
    provider: null,
    model: null,
    usage: NO_USAGE,
    outcome: 'lost',
    attempts: [],
    held,
    cost: Money.zero,
    providerCost: Money.zero,
    priceId: metadata['price_id'] as ModelPriceId,
    servedPriceId: null,
    markup: Number(metadata['markup_bp']),
    startedAt: placedAt,
    firstByteMs: null,
    totalMs: closedAt.getTime() - placedAt.getTime(),
  };
}
