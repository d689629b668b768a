import { ModelNotPriced, type RateCard, RateCards } from '#domain/providers/rate-card';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';
import type { Transcriber } from './transcriber.js';
import { Transcribers } from './transcribers.js';

export interface OfferedTranscriber {
  readonly provider: string;
  readonly model: string;
  /** What `auto` means. */
  readonly isDefault: boolean;
  /** Null when its model has no price today: then it is not served. */
  readonly price: RateCard | null;
}

/** The speech-to-text providers that `stt_provider` can name, in the order they are offered. */
@UseCase()
export class ListTranscribers {
  constructor(
    private readonly transcribers: Transcribers,
    private readonly rateCards: RateCards,
    private readonly clock: Clock,
  ) {}

  execute(): Promise<readonly OfferedTranscriber[]> {
    return Promise.all(
      this.transcribers.all.map(async (transcriber, index) => ({
        provider: transcriber.provider,
        model: transcriber.model,
        isDefault: index === 0,
        price: await this.priceOf(transcriber),
      })),
    );
  }

  private async priceOf({ provider, model }: Transcriber): Promise<RateCard | null> {
    try {
      return await this.rateCards.priceOf(provider, model, this.clock.now());
    } catch (error) {
      if (error instanceof ModelNotPriced) return null;
      throw error;
    }
  }
}
