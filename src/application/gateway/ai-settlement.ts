import { BudgetLedger } from '#domain/budgets/budget-ledger';
import { spendOfRequest } from '#domain/budgets/provider-spend';
import type { CreditHold } from '#domain/credits/credit-hold';
import { type AiUsageLog, AiUsageLogRepository } from '#domain/providers/ai-usage-log';
import { CreditLedger } from '../credits/credit-ledger.js';
import { Clock } from '../ports/clock.js';
import { IdempotentAnswers } from '../ports/idempotent-answers.js';
import { IdGenerator } from '../ports/id-generator.js';
import { Log } from '../ports/log.js';
import { Pauses } from '../ports/pauses.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import { RunningRequests } from './running-requests.js';
import type { AnswerToKeep } from './whole-answer.js';

/** Long enough for a database to come back; shorter than a hold that nobody settles is waited for (LostRequestSweep). */
const TRIES_FOR_MS = 50 * 60_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;

/** Charges what a request cost, writes its entry and keeps its answer, if it has a key, in one transaction, once. */
@UseCase()
export class AiSettlement {
  constructor(
    private readonly logs: AiUsageLogRepository,
    private readonly ledger: CreditLedger,
    private readonly budgets: BudgetLedger,
    private readonly answers: IdempotentAnswers,
    private readonly transaction: Transaction,
    private readonly running: RunningRequests,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
    private readonly pauses: Pauses,
    private readonly log: Log,
  ) {}

  /**
   * True once it is written. False when it could not be: it is tried again then until it is, because an answer that was paid
   * for is not withheld, and what was delivered is charged.
   */
  async execute(hold: CreditHold | null, entry: AiUsageLog, keep: AnswerToKeep | null = null): Promise<boolean> {
    try {
      await this.settle(hold, entry, keep);
      return true;
    } catch (error) {
      this.failed(error, entry);
      void this.running.track(this.persist(hold, entry, keep));
      return false;
    }
  }

  private async settle(hold: CreditHold | null, entry: AiUsageLog, keep: AnswerToKeep | null): Promise<void> {
    if (hold === null) return this.transaction.run(() => this.booked(entry, keep));
    const settlement = {
      requestId: entry.requestId,
      type: 'api_usage' as const,
      amount: entry.cost,
      description: `${entry.requestedModel} (${entry.modality})`,
      metadata: {
        log_id: entry.id,
        trace_id: entry.traceId,
        endpoint: entry.endpoint,
        model: entry.model,
        provider: entry.provider,
      },
      actor: 'system',
    };
    const at = { now: this.clock.now(), nextId: () => this.ids.next<'CreditTransaction'>() };
    // Who asks with a key pays some milliseconds for it: the answer must not be lost between the charge and its keeping.
    if (keep === null && (await this.logs.settleAtOnce(entry, settlement, at))) return;
    await this.transaction.run(async () => {
      await this.ledger.settle(entry.userId, settlement, hold);
      await this.booked(entry, keep);
    });
  }

  private async booked(entry: AiUsageLog, keep: AnswerToKeep | null): Promise<void> {
    // What was booked with its entry before, by a statement whose answer was lost, is not booked again.
    if (await this.logs.append(entry)) await this.budgets.settle(spendOfRequest(entry));
    if (keep) await this.answers.keep(entry.userId, keep.key, keep.answer, this.clock.now());
  }

  private async persist(hold: CreditHold | null, entry: AiUsageLog, keep: AnswerToKeep | null): Promise<void> {
    const giveUpAt = this.clock.now().getTime() + TRIES_FOR_MS;
    for (
      let pause = FIRST_PAUSE_MS;
      this.clock.now().getTime() < giveUpAt;
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
    ) {
      await this.pauses.wait(pause);
      try {
        return await this.settle(hold, entry, keep);
      } catch (error) {
        this.failed(error, entry);
      }
    }
    const { requestId, userId, cost } = entry;
    const lost = { user_id: userId, ai_request_id: requestId, cost_micros: cost.toNumber() };
    this.log.error(new Error('gave up'), lost, 'an AI request was never charged');
  }

  private failed(error: unknown, { requestId, userId }: AiUsageLog): void {
    this.log.error(error, { user_id: userId, ai_request_id: requestId }, 'an AI request could not be settled yet');
  }
}
