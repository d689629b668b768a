import type { BudgetStrategy } from '#domain/budgets/budget-strategy';
import type { Money } from '#domain/shared/money';
import type { ProviderFault } from './ai-provider.js';

/** What a caller is told before the answer itself. */
export interface AnswerHead {
  readonly contentType: string;
  readonly streamed: boolean;
  readonly provider: string;
  /** The provider's own name of the model. */
  readonly model: string;
  readonly requestedModel: string;
  /** Whether the provider makes its answers up. */
  readonly simulated: boolean;
  /** By which the provider was chosen. */
  readonly strategy: BudgetStrategy;
  readonly held: Money;
  readonly priceId: string;
  /** Null when it is not known yet: of an answer in pieces, or while the charge could not be written. */
  readonly cost: Money | null;
}

/** Where an answer goes. Whoever writes to one that is gone is not told: the request's signal says so. */
export interface AnswerSink {
  begin(head: AnswerHead): void;
  /** Null when more can be taken at once; otherwise resolves when more can be taken, or the caller is gone. */
  write(piece: Uint8Array | string): Promise<void> | null;
  /** The provider stopped in mid-answer: said in the caller's dialect, so that half an answer is not taken for a whole one. */
  fail(fault: ProviderFault): void;
  /** After the last piece, with what it cost; null while the charge could not be written. */
  end(cost: Money | null): void;
}
